using Google.Protobuf;
using Lepton.Coordination.Hosting;
using Lepton.Coordination.Peers;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Services;
using Lepton.Coordination.State;
using Lepton.Coordination.Tests.Snapshots;
using Lepton.Coordination.Tests.State;
using Lepton.Raft;
using Lepton.Raft.Core;
using Lepton.Raft.Hosting;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;
using Microsoft.Extensions.Logging.Abstractions;
using Member = Lepton.Raft.Membership.Member;

namespace Lepton.Coordination.Tests.Hosting;

/// <summary>What a member does beside answering, on a real node.</summary>
public sealed class CoordinatorUpkeepTests : CoordinationTest, IPeerSender, IDisposable
{
    // Far more garbage than the batches of commands behind the compaction free by themselves.
    private const int Txns = 160;
    private const int KeysPerTxn = 128;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-upkeep-");

    public void Dispose() => _folder.Delete(recursive: true);

    void IPeerSender.Send(RaftMessage message)
    {
        // The learner of the test does not run: whatever is sent to it is lost.
    }

    [Fact]
    public async Task Look_LearnerIsNeverReady_PruningGoesOn()
    {
        PeerIdentity self = new(1, new NodeId(1));
        CoordinatorOptions options = OwnMember.Alone(_folder.FullName, OwnMember.FreeUrl());
        CoordinatorSettings settings = CoordinatorSettings.Resolve(options);
        LeaseKeeper leases = new(TimeProvider.System);
        CoordinationState state = new(leases);
        Member[] members = [new Member(self.Node, options.Name, settings.AdvertisedPeerUrls)];
        using NodeStorage storage = NodeStorage.Open(
            settings.DataDir, new LogIdentity(self.ClusterId, self.Node), state,
            new ClusterMembership(members, [self.Node], [], []), hadLog: false);
        RaftNodeOptions node = new() { Core = new RaftOptions { Id = self.Node, Seed = 1 } };
        await using RaftHost host = new(
            surroundings => new RaftNode(node, 1, storage.Log, storage.Snapshots, state, surroundings), this,
            TimeSpan.FromMilliseconds(10), TimeProvider.System);
        leases.Attach(host, state);
        await LeadsAsync(host);
        await host.ChangeMembershipAsync(
            new MembershipChange.AddLearner(
                new Member(new NodeId(2), "absent", ["http://127.0.0.1:1"]) { VotesWhenReady = true }),
            CancellationToken.None);
        await FillAsync(host);
        await FillAsync(host);
        await ProposeAsync(host, Commands.Compact(state.Store.Revision));
        await UntilAsync(() => state.HasGarbage);

        await using CoordinatorUpkeep upkeep = new(settings, self, host, state, leases, NullLogger.Instance);
        upkeep.Start();
        await UntilAsync(() => !state.HasGarbage);
        Assert.Equal([new NodeId(2)], host.Status.Membership.Learners);
    }

    private static async Task LeadsAsync(RaftHost host)
    {
        await UntilAsync(() => host.Status.IsLeader);
        await host.ReadBarrierAsync(CancellationToken.None);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using CancellationTokenSource limit = new(Patience);
        using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(10));
        while (!holds())
        {
            await pause.WaitForNextTickAsync(limit.Token);
        }
    }

    private static async Task FillAsync(RaftHost host)
    {
        for (int i = 0; i < Txns; i++)
        {
            TxnRequest txn = new();
            for (int key = 0; key < KeysPerTxn; key++)
            {
                txn.Success.Add(Commands.PutOp($"{i}/{key}", "v"));
            }

            await ProposeAsync(host, new Command { Txn = txn });
        }
    }

    private static Task<object?> ProposeAsync(RaftHost host, Command command) =>
        host.ProposeAsync(command.ToByteArray(), CancellationToken.None);
}
