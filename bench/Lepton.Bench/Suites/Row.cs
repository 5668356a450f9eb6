using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lepton.Bench.Suites;

/// <summary>A row of the table, as it is printed with <c>--json</c> and kept in bench/results.</summary>
internal sealed record Row
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The row's short name.</summary>
    public required string Work { get; init; }

    /// <summary>The median of our runs.</summary>
    public double? Ours { get; init; }

    /// <summary>The median of the peer's runs, or the limit where there is no peer.</summary>
    public double? Peer { get; init; }

    public required string Unit { get; init; }

    /// <summary>Above 1 where ours is ahead.</summary>
    public double? Ratio { get; init; }

    /// <summary>(highest − lowest) / median, of the side that varies more; null with one round.</summary>
    public double? Spread { get; init; }

    public double? AtLeast { get; init; }

    public double? Aim { get; init; }

    /// <summary>Why it was not measured; null when it was.</summary>
    public string? Skipped { get; init; }

    /// <summary>What is done, and who the peer is.</summary>
    public required string Title { get; init; }

    /// <summary>The highest sum of resident sizes over all processes of a run, in MiB, of all rounds.</summary>
    public long? OursPeakMiB { get; init; }

    /// <inheritdoc cref="OursPeakMiB"/>
    public long? PeerPeakMiB { get; init; }

    /// <summary>The sum of the processes' own peaks (VmHWM), in MiB: an upper bound of the true peak.</summary>
    public long? OursPeaksSumMiB { get; init; }

    /// <inheritdoc cref="OursPeaksSumMiB"/>
    public long? PeerPeaksSumMiB { get; init; }

    /// <summary>Processor time of all processes from start to end, in seconds; the median.</summary>
    public double? OursCpuSeconds { get; init; }

    /// <inheritdoc cref="OursCpuSeconds"/>
    public double? PeerCpuSeconds { get; init; }

    /// <summary>From process start to end, workers' start and warm-up included; the median.</summary>
    public double? OursWallSeconds { get; init; }

    /// <inheritdoc cref="OursWallSeconds"/>
    public double? PeerWallSeconds { get; init; }

    /// <summary>What the last run of ours said beside the figures.</summary>
    public string? OursNote { get; init; }

    /// <summary>What the peer's last run said, or in which of its ways it was fastest.</summary>
    public string? PeerNote { get; init; }

    public int Rounds { get; init; }

    public string? Date { get; init; }

    /// <summary>Whether it was not measured because something went wrong.</summary>
    [JsonIgnore]
    public bool HasFailed { get; init; }

    public static Row? Parse(string line) => JsonSerializer.Deserialize<Row>(line, s_json);

    public string ToJson() => JsonSerializer.Serialize(this, s_json);
}
