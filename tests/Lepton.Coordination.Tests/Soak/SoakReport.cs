using System.Globalization;
using System.Text;

namespace Lepton.Coordination.Tests.Soak;

/// <summary>Writes what a soak did and found as a page.</summary>
internal static class SoakReport
{
    private static readonly string s_path = Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "soak", "report.md"));

    public static void Write(SoakSettings settings, SoakTally tally, IReadOnlyList<string> wrong)
    {
        StringBuilder page = new();
        CultureInfo invariant = CultureInfo.InvariantCulture;
        page.AppendLine("# A soak of the coordination store").AppendLine();
        string today = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", invariant);
        page.Append(invariant, $"{today}, `./test.sh --soak {settings.Minutes}`, ");
        page.AppendLine(invariant, $"seed {settings.Seed}: {settings.Members} processes of `lepton coordinator`,");
        page.Append(invariant, $"election timeout 2 s, {SoakTests.ClientCount} clients, ");
        page.AppendLine(invariant, $"{Environment.ProcessorCount} cores, .NET {Environment.Version}.");
        page.AppendLine().AppendLine("| what | count |").AppendLine("|---|---|");
        foreach ((string kind, long count) in tally.All())
        {
            page.AppendLine(invariant, $"| {kind} | {count:N0} |");
        }

        page.Append("| longest time without an acknowledged write while clients wrote, seconds | ");
        page.AppendLine(invariant, $"{tally.LongestGap.TotalSeconds:0.0} |");
        page.AppendLine().AppendLine(wrong.Count == 0
            ? "Nothing acknowledged was lost, every history was linearizable, the watch told every change once and " +
                "in order, and the members agreed."
            : "What was wrong:");
        page.AppendLine();
        foreach (string line in wrong)
        {
            page.AppendLine(invariant, $"- {line}");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(s_path)!);
        File.WriteAllText(s_path, page.ToString());
    }
}
