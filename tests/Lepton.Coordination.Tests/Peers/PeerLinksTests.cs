using Lepton.Coordination.Peers;
using Lepton.Raft;
using Lepton.Raft.Membership;
using Lepton.Rpc.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lepton.Coordination.Tests.Peers;

/// <summary>Links come and go with the members.</summary>
public sealed class PeerLinksTests
{
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);
    private static readonly Member s_two = new(new NodeId(2), "n2", ["http://127.0.0.1:1"]);
    private static readonly Member s_three = new(new NodeId(3), "n3", ["http://127.0.0.1:2"]);
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Follow_MemberIsRemoved_IsStillToldForAWhile()
    {
        await using PeerLinks links = NewLinks();
        links.Follow([s_two, s_three]);
        links.Follow([s_two]);
        links.Follow([s_two]);
        _clock.Advance(s_farewell - TimeSpan.FromMilliseconds(1));
        Assert.Equal([s_two.Id, s_three.Id], links.Peers.Order());
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([s_two.Id], links.Peers);
    }

    [Fact]
    public async Task Follow_RemovalIsTakenBack_TheLinkStays()
    {
        await using PeerLinks links = NewLinks();
        links.Follow([s_two, s_three]);
        links.Follow([s_two]);
        links.Follow([s_two, s_three]);
        _clock.Advance(2 * s_farewell);
        Assert.Equal([s_two.Id, s_three.Id], links.Peers.Order());
    }

    [Fact]
    public async Task Follow_AfterTheEnd_OpensNothing()
    {
        PeerLinks links = NewLinks();
        links.Follow([s_two]);
        await links.DisposeAsync();
        links.Follow([s_two, s_three]);
        Assert.Empty(links.Peers);
    }

    private PeerLinks NewLinks() => new(
        new PeerIdentity(1, new NodeId(1)),
        new PeerLinkOptions
        {
            Channel = new RpcChannelOptions(),
            Logger = NullLogger.Instance,
            TimeProvider = _clock,
            FarewellTime = s_farewell,
        },
        static _ => { });
}
