namespace Lepton.Cli.Quickstart;

/// <summary>What the quickstart was asked to do.</summary>
internal sealed record QuickstartOptions
{
    /// <summary>Worker processes. 1 or more; 0 for threads of this process, which only tests use.</summary>
    public int Workers { get; init; } = 3;

    /// <summary>Threads of this process, where there are no workers.</summary>
    public int Threads { get; init; }

    /// <summary>Whether one worker is killed while trees are grown.</summary>
    public bool Kill { get; init; } = true;

    /// <summary>How many tree tasks are done when the worker is killed.</summary>
    public int KillAfter { get; init; } = 5;

    /// <summary>Decides the split, the forest and the folds.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>A CSV file with a header.</summary>
    public string Data { get; init; } = BundledData;

    /// <summary>The column of the classes.</summary>
    public string Label { get; init; } = "label";

    /// <summary>
    /// Where event log, report and trace are written; null for a folder of the user's in the temporary directory.
    /// </summary>
    public string? ReportFolder { get; init; }

    /// <summary>When the program began: times count from there.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Iris, beside the program.</summary>
    public static string BundledData => Path.Combine(AppContext.BaseDirectory, "data", "iris.csv");

    /// <summary>Whether the data are the ones that come with the program.</summary>
    public bool IsBundled => Data == BundledData;
}
