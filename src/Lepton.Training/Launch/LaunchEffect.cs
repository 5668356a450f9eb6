namespace Lepton.Training.Launch;

/// <summary>What the launcher does next.</summary>
internal enum LaunchEffect
{
    /// <summary>It waits.</summary>
    None,

    /// <summary>It starts all ranks.</summary>
    StartRanks,

    /// <summary>It has those that still run end: SIGTERM, and SIGKILL after the grace.</summary>
    EndRanks,

    /// <summary>All have ended, and are to be started again.</summary>
    Restart,

    /// <summary>It is done.</summary>
    Finish,
}
