using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Coordination.Peers;

/// <summary>
/// The ways to all peers. Follows the membership: who leaves it has no link any more, who comes gets one. Thread safe.
/// </summary>
internal sealed class PeerLinks(PeerIdentity self, PeerLinkOptions options, Action<NodeId> unreachable)
    : IPeerSender, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Task> _closing = [];
    private volatile Dictionary<NodeId, PeerLink> _links = [];

    /// <inheritdoc/>
    public void Send(RaftMessage message)
    {
        // A message to a stranger: the membership that names it has not come yet, or it has left.
        if (_links.TryGetValue(message.To, out PeerLink? link))
        {
            link.Send(message);
        }
    }

    /// <summary>Keeps links to these members, this node left out, at their present addresses, and to no
    /// others.</summary>
    public void Follow(IReadOnlyList<Member> members)
    {
        lock (_gate)
        {
            Dictionary<NodeId, PeerLink> links = [];
            foreach (Member member in members)
            {
                if (member.Id == self.Node || member.PeerUrls.Count == 0)
                {
                    continue;
                }

                Uri[] addresses = [.. member.PeerUrls.Select(static url => new Uri(url))];
                links[member.Id] =
                    _links.TryGetValue(member.Id, out PeerLink? link) && link.Addresses.SequenceEqual(addresses)
                        ? link
                        : new PeerLink(self, member.Id, addresses, options, unreachable);
            }

            foreach ((NodeId id, PeerLink link) in _links)
            {
                if (!links.TryGetValue(id, out PeerLink? kept) || kept != link)
                {
                    _closing.Add(link.DisposeAsync().AsTask());
                }
            }

            _closing.RemoveAll(static task => task.IsCompletedSuccessfully);
            _links = links;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Follow([]);
        Task[] closing;
        lock (_gate)
        {
            closing = [.. _closing];
        }

        await Task.WhenAll(closing).ConfigureAwait(false);
    }
}
