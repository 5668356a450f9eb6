namespace Lepton.Compute.Replay;

/// <summary>What all tasks of a session share, as far as it matters to a task that runs again.</summary>
internal sealed record ReplaySetting
{
    public required string Session { get; init; }

    public required ulong Seed { get; init; }

    public required string LeptonVersion { get; init; }

    /// <summary>The user's build output.</summary>
    public required string ProgramDirectory { get; init; }

    public required string? EntryAssembly { get; init; }

    /// <summary>Where relative paths of user code started.</summary>
    public required string CurrentDirectory { get; init; }

    /// <summary>
    /// With the memory budget it decides when operators spill, and with that the order in which they merge.
    /// </summary>
    public required int Slots { get; init; }

    public required long MemoryBudgetBytes { get; init; }

    public required double? TaskDeadlineMs { get; init; }
}
