namespace Lepton.Training.Launch;

/// <summary>Kinds of <see cref="LaunchEvent"/>.</summary>
internal enum LaunchEventKind
{
    /// <summary>A rank of this machine has ended.</summary>
    Ended,

    /// <summary>It is time to look at what ranks say.</summary>
    Look,

    /// <summary>The user wants all to end.</summary>
    Stop,

    /// <summary>There is news of the other launchers.</summary>
    Rendezvous,
}
