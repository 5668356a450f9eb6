namespace Lepton.Training.Launch;

/// <summary>Kinds of <see cref="RendezvousEvent"/>.</summary>
internal enum RendezvousEventKind
{
    /// <summary>A round begins, in which this launcher takes part.</summary>
    Run,

    /// <summary>The round that this launcher runs is over: its ranks end, and it waits for another.</summary>
    End,

    /// <summary>All ranks of all launchers are done.</summary>
    Finish,

    /// <summary>There will be no other round.</summary>
    GiveUp,

    /// <summary>Something to tell the user.</summary>
    Tell,
}
