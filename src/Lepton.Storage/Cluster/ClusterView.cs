using System.Collections.Immutable;
using Lepton.Coordination.Client;

namespace Lepton.Storage.Cluster;

/// <summary>The nodes as of one revision of the coordination store: which there are, and which live.
/// Immutable.</summary>
/// <param name="Revision">As of when.</param>
/// <param name="Layout">The nodes.</param>
/// <param name="Live">Of each node that has a liveness key, that key's revision.</param>
internal sealed record ClusterView(
    Revision Revision, ClusterLayout Layout, ImmutableDictionary<NodeId, Revision> Live)
{
    /// <summary>Before anything was read.</summary>
    public static ClusterView Empty { get; } =
        new(Revision.None, new ClusterLayout(1, []), ImmutableDictionary<NodeId, Revision>.Empty);

    /// <summary>Whether a node has shown signs of life of late.</summary>
    public bool IsLive(NodeId node) => Live.ContainsKey(node);

    /// <summary>
    /// Whether a session has ended for good: nothing can be committed under it any more, and everything that was has a
    /// revision up to <see cref="Revision"/>. False where this view is too old to know.
    /// </summary>
    public bool IsOver(SessionId session) =>
        session.Token <= Revision && Live.GetValueOrDefault(session.Node) != session.Token;
}
