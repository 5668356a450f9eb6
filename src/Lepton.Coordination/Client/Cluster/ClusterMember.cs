namespace Lepton.Coordination.Client;

/// <summary>A member of the cluster.</summary>
/// <param name="Id">Its number, for good.</param>
/// <param name="Name">Its name; empty until it has started.</param>
/// <param name="PeerUrls">Where the other members reach it.</param>
/// <param name="ClientUrls">Where clients reach it; empty until it has started.</param>
/// <param name="IsLearner">Whether it only follows and has no vote.</param>
public sealed record ClusterMember(
    MemberId Id, string Name, IReadOnlyList<string> PeerUrls, IReadOnlyList<string> ClientUrls, bool IsLearner)
{
    /// <summary>Its id, name, URLs and role, for a log.</summary>
    public override string ToString() =>
        $"{Id} '{Name}' ({(IsLearner ? "learner" : "voter")}), peers at {TextOf(PeerUrls)}, clients at " +
        TextOf(ClientUrls);

    private static string TextOf(IReadOnlyList<string> urls) => urls.Count > 0 ? string.Join(", ", urls) : "none";
}
