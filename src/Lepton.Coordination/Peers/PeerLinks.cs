using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Coordination.Peers;

/// <summary>
/// The ways to all peers. Follows the membership: who comes gets a link, who leaves has none any more after a farewell.
/// Thread safe.
/// </summary>
internal sealed class PeerLinks(PeerIdentity self, PeerLinkOptions options, Action<NodeId> unreachable)
    : IPeerSender, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Task> _closing = [];
    private readonly Dictionary<NodeId, ITimer> _leaving = [];
    private volatile Dictionary<NodeId, PeerLink> _links = [];
    private bool _isDisposed;

    /// <summary>Where links lead now.</summary>
    public IReadOnlyCollection<NodeId> Peers => _links.Keys;

    /// <inheritdoc/>
    public void Send(RaftMessage message)
    {
        // A message to a stranger: the membership that names it has not come yet, or it has left.
        if (_links.TryGetValue(message.To, out PeerLink? link))
        {
            link.Send(message);
        }
    }

    /// <summary>
    /// Keeps links to these members, this node left out, at their present addresses, and for a while to those that were
    /// members until now. Does nothing once this is disposed.
    /// </summary>
    public void Follow(IReadOnlyList<Member> members)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

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
                StayWith(member.Id);
            }

            foreach ((NodeId id, PeerLink link) in _links)
            {
                if (!links.TryGetValue(id, out PeerLink? kept))
                {
                    links.Add(id, link);
                    SayFarewell(id);
                }
                else if (kept != link)
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
        Task[] closing;
        lock (_gate)
        {
            _isDisposed = true;
            _leaving.Keys.ToList().ForEach(StayWith);
            _closing.AddRange(_links.Values.Select(static link => link.DisposeAsync().AsTask()));
            _links = [];
            closing = [.. _closing];
        }

        await Task.WhenAll(closing).ConfigureAwait(false);
    }

    private void StayWith(NodeId peer)
    {
        if (_leaving.Remove(peer, out ITimer? timer))
        {
            timer.Dispose();
        }
    }

    private void SayFarewell(NodeId peer)
    {
        if (!_leaving.ContainsKey(peer))
        {
            _leaving.Add(peer, options.TimeProvider.CreateTimer(
                _ => End(peer), null, options.FarewellTime, Timeout.InfiniteTimeSpan));
        }
    }

    private void End(NodeId peer)
    {
        lock (_gate)
        {
            if (_leaving.Remove(peer, out ITimer? timer))
            {
                timer.Dispose();
                Dictionary<NodeId, PeerLink> links = new(_links);
                links.Remove(peer, out PeerLink? link);
                _closing.Add(link!.DisposeAsync().AsTask());
                _links = links;
            }
        }
    }
}
