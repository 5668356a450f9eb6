namespace Lepton.Training.Launch;

/// <summary>How a round stands.</summary>
internal enum RoundState
{
    /// <summary>Ranks run.</summary>
    Running,

    /// <summary>All ranks have ended as they should.</summary>
    Finished,

    /// <summary>A rank has failed, and no restart is left.</summary>
    GivenUp,
}
