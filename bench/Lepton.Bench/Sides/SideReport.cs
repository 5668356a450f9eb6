using System.Text.Json;

namespace Lepton.Bench.Sides;

/// <summary>
/// What a side says when it is done: one line of JSON, the last of its output. The peers' programs print the same.
/// </summary>
/// <param name="Seconds">The work alone: the workers stood before, and were warm where the row says so.</param>
/// <param name="Value">What is compared: a rate, or the seconds once more.</param>
/// <param name="Check">The result in one line; both sides must give the same. Empty where it is checked
/// otherwise.</param>
/// <param name="Note">Something to know beside the figures.</param>
internal sealed record SideReport(double Seconds, double Value, string Check, string Note = "")
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    /// <summary>Other figures of the same run, by name; null where there are none.</summary>
    public IReadOnlyDictionary<string, double>? Figures { get; init; }

    public static SideReport OfTime(TimeSpan time, string check, string note = "") =>
        new(time.TotalSeconds, time.TotalSeconds, check, note);

    /// <summary>Reads the last line that is JSON.</summary>
    public static SideReport? Parse(string output)
    {
        string? line = output.Split('\n', StringSplitOptions.TrimEntries).LastOrDefault(line => line.StartsWith('{'));
        return line is null ? null : JsonSerializer.Deserialize<SideReport>(line, s_json);
    }

    public void Print() => Console.WriteLine(JsonSerializer.Serialize(this, s_json));
}
