using Google.Protobuf;
using Lepton.Coordination.Compaction;
using Lepton.Coordination.Services;
using Lepton.Coordination.Tests.Services;
using Lepton.Coordination.Tests.State;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lepton.Coordination.Tests.Compaction;

public sealed class AutoCompactorTests
{
    private readonly ManualClock _clock = new();
    private readonly SingleNode _node;
    private readonly AutoCompactor _compactor;

    public AutoCompactorTests()
    {
        _node = new SingleNode(new LeaseKeeper(_clock));
        _compactor = new AutoCompactor(
            new PeriodicCompaction(TimeSpan.FromHours(1)), _node, _node.State, _clock, NullLogger.Instance);
    }

    private long Compacted => _node.State.Store.CompactedRevision;

    [Fact]
    public async Task Tick_Leader_KeepsAPeriod()
    {
        await PutEachMinuteAsync(minutes: 59);
        Assert.Equal(-1, Compacted);
        await PutEachMinuteAsync(minutes: 62);
        Assert.InRange(Compacted, 55, 62);
    }

    [Fact]
    public async Task Tick_Follower_CompactsNothingUntilItLeads()
    {
        ConsensusStatus leading = _node.Status;
        _node.Status = leading with { Leader = new NodeId(7) };
        await PutEachMinuteAsync(minutes: 120);
        Assert.Equal(-1, Compacted);

        _node.Status = _node.Status with { Leader = _node.Status.Id };
        await _compactor.TickAsync(CancellationToken.None);

        Assert.InRange(Compacted, 55, 62);
    }

    [Fact]
    public async Task Tick_ProposalFails_IsTriedAgain()
    {
        await PutEachMinuteAsync(minutes: 59);
        _node.Failure = ConsensusFailure.Timeout;
        _clock.Advance(TimeSpan.FromMinutes(2));
        await _compactor.TickAsync(CancellationToken.None);
        Assert.Equal(-1, Compacted);

        _node.Failure = null;
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _compactor.TickAsync(CancellationToken.None);
        Assert.Equal(-1, Compacted);
        _clock.Advance(TimeSpan.FromMinutes(5));
        await _compactor.TickAsync(CancellationToken.None);
        Assert.InRange(Compacted, 1, 8);
    }

    [Fact]
    public async Task Tick_SomebodyCompactedFurther_CountsAsDone()
    {
        await PutEachMinuteAsync(minutes: 59);
        await _node.ProposeAsync(Commands.Compact(50).ToByteArray(), CancellationToken.None);
        int before = _node.Proposals;
        _clock.Advance(TimeSpan.FromMinutes(2));
        await _compactor.TickAsync(CancellationToken.None);
        _clock.Advance(TimeSpan.FromMinutes(10));
        await _compactor.TickAsync(CancellationToken.None);
        Assert.Equal((50, before + 1), (Compacted, _node.Proposals));
    }

    private async Task PutEachMinuteAsync(int minutes)
    {
        for (int i = 0; i < minutes; i++)
        {
            await _node.ProposeAsync(Commands.Put("k", $"{i}").ToByteArray(), CancellationToken.None);
            await _compactor.TickAsync(CancellationToken.None);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }
    }
}
