namespace Lepton.Compute.Events;

/// <summary>The first line of a log: a driver opened a session.</summary>
/// <param name="Time">When.</param>
/// <param name="Session">The session's id.</param>
/// <param name="Mode">Threads or processes.</param>
/// <param name="Workers">Workers asked for.</param>
/// <param name="Slots">Tasks that one worker runs at a time.</param>
/// <param name="Seed">The seed of what the engine does at random; results don't depend on it.</param>
/// <param name="LeptonVersion">The version that wrote the log.</param>
/// <param name="Program">The user's program, as it is shown to people.</param>
public sealed record SessionStarted(
    DateTimeOffset Time,
    string Session,
    SessionMode Mode,
    int Workers,
    int Slots,
    ulong Seed,
    string LeptonVersion,
    string Program) : JobEvent(Time);
