namespace Lepton.Compute.Replay;

/// <summary>How a task is replayed.</summary>
public sealed record ReplayOptions
{
    /// <summary>
    /// The program's build output; null for where it was when the job ran. It must hold the very build that ran.
    /// </summary>
    public string? BuildDirectory { get; init; }

    /// <summary>Waits for a debugger to attach before user code runs.</summary>
    public bool WaitForDebugger { get; init; }

    /// <summary>
    /// Told, a sentence at a time and before user code runs, what is special about this replay; null for nobody.
    /// </summary>
    public Action<string>? Say { get; init; }
}
