namespace Lepton.Coordination.Client;

/// <summary>How the member behind one endpoint stands, as it sees itself.</summary>
/// <param name="Endpoint">Where it was asked.</param>
/// <param name="Member">Who answered.</param>
/// <param name="Leader">Who leads, as far as it knows; <see cref="MemberId.None"/> where nobody does.</param>
/// <param name="Version">The version of the server.</param>
/// <param name="Revision">The store's revision there.</param>
/// <param name="DatabaseBytes">What its store takes.</param>
/// <param name="RaftTerm">Its Raft term.</param>
/// <param name="RaftIndex">The last entry that it knows to be committed.</param>
/// <param name="RaftAppliedIndex">The last entry that its store has applied.</param>
/// <param name="IsLearner">Whether it has no vote.</param>
/// <param name="Errors">What it says is wrong, such as alarms.</param>
public sealed record EndpointStatus(
    string Endpoint,
    MemberId Member,
    MemberId Leader,
    string Version,
    Revision Revision,
    long DatabaseBytes,
    long RaftTerm,
    long RaftIndex,
    long RaftAppliedIndex,
    bool IsLearner,
    IReadOnlyList<string> Errors)
{
    /// <summary>Whether it leads.</summary>
    public bool IsLeader => Leader == Member && Leader != MemberId.None;

    /// <summary>What it says, for a log.</summary>
    public override string ToString() =>
        $"{Endpoint}: {(IsLeader ? "leader" : IsLearner ? "learner" : "follower")} {Member} of version {Version}, " +
        $"leader {Leader}, term {RaftTerm}, index {RaftIndex}, applied {RaftAppliedIndex}, revision {Revision}, " +
        $"{DatabaseBytes} bytes, {(Errors.Count > 0 ? string.Join("; ", Errors) : "no errors")}";
}
