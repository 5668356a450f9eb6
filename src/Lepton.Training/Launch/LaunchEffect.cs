namespace Lepton.Training.Launch;

/// <summary>What the launcher does next.</summary>
internal enum LaunchEffect
{
    /// <summary>It waits.</summary>
    None,

    /// <summary>It starts this machine's ranks.</summary>
    StartRanks,

    /// <summary>It has those that still run end: SIGTERM, and SIGKILL after the grace.</summary>
    EndRanks,

    /// <summary>All have ended, and one has failed.</summary>
    RoundFailed,

    /// <summary>All have ended as they should.</summary>
    RoundDone,

    /// <summary>All were ended for what happened elsewhere.</summary>
    RoundLeft,

    /// <summary>It is done.</summary>
    Finish,
}
