using Google.Protobuf;
using Lepton.Coordination.Corruption;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Services;
using Lepton.Coordination.State;
using Lepton.Coordination.Store;
using Lepton.Coordination.Tests.Services;
using Lepton.Coordination.Tests.State;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Member = Lepton.Raft.Membership.Member;

namespace Lepton.Coordination.Tests.Corruption;

public sealed class CorruptionCheckTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);
    private readonly ManualClock _clock = new();
    private readonly FakeHashes _hashes = new();
    private readonly SingleNode _node;
    private readonly CorruptionCheck _check;
    private readonly NodeId _second = new(2);
    private readonly NodeId _third = new(3);

    public CorruptionCheckTests()
    {
        _node = new SingleNode(new LeaseKeeper(_clock));
        NodeId self = _node.Status.Id;
        _node.Status = _node.Status with
        {
            Membership = _node.Status.Membership with
            {
                Members =
                [
                    new Member(_second, "two", ["http://127.0.0.1:1"]),
                    new Member(_third, "three", ["http://127.0.0.1:2"]),
                    new Member(self, "one", ["http://127.0.0.1:3"]),
                ],
                Voters = [_second, _third, self],
            },
        };
        _node.State.Do(Commands.Put("k", "v"));
        _node.Status = _node.Status with { Applied = _node.State.Applied };
        _check = new CorruptionCheck(_node, _node.State, _hashes, Interval, _clock, NullLogger.Instance);
    }

    [Fact]
    public async Task Tick_AllAgree_ComparesOnceAnIntervalAndRaisesNothing()
    {
        _hashes[_second] = Right;
        _hashes[_third] = Right;
        Assert.Null(await TickAsync(Interval - TimeSpan.FromSeconds(1)));
        CorruptionReport? report = await TickAsync(TimeSpan.FromSeconds(1));
        Assert.Equal([_second, _third, _node.Status.Id], report!.Agreeing);
        Assert.True(report.IsComplete);
        Assert.Null(await TickAsync(Interval - TimeSpan.FromSeconds(1)));
        Assert.NotNull(await TickAsync(TimeSpan.FromSeconds(1)));
        Assert.Empty(_node.State.Manifest.Alarms);
    }

    [Fact]
    public async Task Tick_OneDiffers_RaisesTheAlarmForItOnceAndWritesAreRefused()
    {
        _hashes[_second] = Wrong;
        _hashes[_third] = Right;

        CorruptionReport? report = await TickAsync(Interval);

        Assert.Equal([_second], report!.Differing);
        Assert.Equal([(2UL, AlarmType.Corrupt)], _node.State.Manifest.Alarms);
        CommandResult put = (CommandResult)(await _node.ProposeAsync(
            Commands.Put("k", "more").ToByteArray(), CancellationToken.None))!;
        Assert.Equal(CommandFailure.Corrupt, put.Failure);
        int proposals = _node.Proposals;
        Assert.Equal([_second], (await TickAsync(Interval))!.Differing);
        Assert.Equal(proposals, _node.Proposals);
    }

    [Fact]
    public async Task Tick_LeaderItselfDiffersFromTheMajority_IsTheOneAccused()
    {
        _hashes[_second] = Wrong;
        _hashes[_third] = Wrong;

        CorruptionReport? report = await TickAsync(Interval);

        Assert.Equal([_node.Status.Id], report!.Differing);
        Assert.Equal([(_node.Status.Id.Value, AlarmType.Corrupt)], _node.State.Manifest.Alarms);
    }

    [Fact]
    public async Task Trap36_HashCallFails_IsNoAgreementAndIsAskedAgainSoon()
    {
        // The second member can't be asked at first, and is the corrupt one.
        _hashes[_third] = Right;
        CorruptionReport? first = await TickAsync(Interval);
        Assert.Equal((_second, "the test wants it so"), Assert.Single(first!.Unknown));
        Assert.DoesNotContain(_second, first.Agreeing);
        Assert.False(first.IsComplete);
        Assert.Empty(_node.State.Manifest.Alarms);

        _hashes[_second] = Wrong;
        CorruptionReport? second = await TickAsync(CorruptionCheck.RetryIntervalMax);

        Assert.NotNull(second);
        Assert.Equal([(2UL, AlarmType.Corrupt)], _node.State.Manifest.Alarms);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public async Task Tick_AnswerForOtherRevisions_IsNeitherAgreementNorDifference(int revisions, int compacted)
    {
        _hashes[_second] = revision => Wrong(revision) with
        {
            Revision = revision - revisions, CompactedRevision = compacted,
        };
        _hashes[_third] = Right;

        CorruptionReport? report = await TickAsync(Interval);

        Assert.Equal(_second, Assert.Single(report!.Unknown).Member);
        Assert.Empty(_node.State.Manifest.Alarms);
        Assert.NotNull(await TickAsync(CorruptionCheck.RetryIntervalMax));
    }

    [Fact]
    public async Task Tick_Follower_ComparesNothing()
    {
        _node.Status = _node.Status with { Leader = _second };
        Assert.Null(await TickAsync(Interval));
    }

    [Fact]
    public async Task Tick_LeadershipNotConfirmed_IsTriedAgainSoon()
    {
        _hashes[_second] = Right;
        _hashes[_third] = Right;
        _node.Failure = ConsensusFailure.Timeout;
        Assert.Null(await TickAsync(Interval));
        _node.Failure = null;
        Assert.NotNull(await TickAsync(CorruptionCheck.RetryIntervalMax));
    }

    private MemberHash Right(long revision)
    {
        StateHash.Compute(_node.State.Store, revision, out uint hash, out long compacted);
        return new MemberHash(hash, revision, Math.Max(0, compacted));
    }

    private MemberHash Wrong(long revision)
    {
        MemberHash right = Right(revision);
        return right with { Hash = ~right.Hash };
    }

    private Task<CorruptionReport?> TickAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return _check.TickAsync(CancellationToken.None);
    }
}
