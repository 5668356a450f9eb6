using System.Collections.Immutable;
using Lepton.Coordination.Client;
using Lepton.Storage.Cluster;
using Lepton.Storage.Replication;

namespace Lepton.Storage.Tests.Replication;

public sealed class RepairPolicyTests
{
    private static readonly TimeSpan s_after = TimeSpan.FromMinutes(5);

    [Fact]
    public void Step_OneGone_IsLostAfterTheTimeAndBackAtOnce()
    {
        RepairPolicy policy = new(s_after);
        RepairDecision decision = policy.Step(View(5, gone: [2]), TimeSpan.Zero);
        Assert.Equal(5, decision.Layout.Active.Count);
        Assert.Equal(s_after, decision.NextChange);
        decision = policy.Step(View(5, gone: [2]), s_after);
        Assert.Equal(4, decision.Layout.Active.Count);
        Assert.False(decision.IsBraked);
        Assert.Null(decision.NextChange);
        Assert.Equal(5, policy.Step(View(5, gone: []), s_after).Layout.Active.Count);
        Assert.Equal(5, policy.Step(View(5, gone: [2]), 2 * s_after).Layout.Active.Count);
    }

    [Fact]
    public void Trap58_HalfVanishAtOnce_NothingMovesUntilTheyReturn()
    {
        RepairPolicy policy = new(s_after);
        Assert.False(policy.Step(View(4, gone: [1]), TimeSpan.Zero).IsBraked);
        Assert.True(policy.Step(View(4, gone: [1, 2]), TimeSpan.FromMinutes(1)).IsBraked);
        Assert.True(policy.Step(View(4, gone: [1, 2]), TimeSpan.FromHours(1)).IsBraked);
        Assert.False(policy.Step(View(4, gone: [2]), TimeSpan.FromHours(2)).IsBraked);
    }

    [Fact]
    public void Step_OneAfterTheOther_IsNoBrake()
    {
        RepairPolicy policy = new(s_after);
        policy.Step(View(4, gone: [1]), TimeSpan.Zero);
        RepairDecision decision = policy.Step(View(4, gone: [1, 2]), TimeSpan.FromHours(1));
        Assert.False(decision.IsBraked);
        Assert.Equal(3, decision.Layout.Active.Count);
    }

    [Fact]
    public void Take_MoreThanThereIs_WaitsForTheRate()
    {
        TokenBucket bucket = new(perSecond: 10, burst: 5);
        Assert.Equal(TimeSpan.Zero, bucket.Take(5, TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(2), bucket.Take(20, TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(1), bucket.Take(10, TimeSpan.FromSeconds(2)));
        Assert.Equal(TimeSpan.Zero, bucket.Take(5, TimeSpan.FromHours(1)));
        Assert.Equal(TimeSpan.FromSeconds(0.1), bucket.Take(1, TimeSpan.FromHours(1)));
    }

    private static ClusterView View(int nodes, int[] gone) => new(
        new Revision(1),
        new ClusterLayout(3, Enumerable.Range(0, nodes).Select(i => new ClusterNode(
            Id(i), $"s{i}", new Uri($"http://127.0.0.1:{i + 1}"), "", 1, IsDraining: false))),
        Enumerable.Range(0, nodes).Except(gone).ToImmutableDictionary(Id, _ => new Revision(1)));

    private static NodeId Id(int i) => new($"{i:x32}");
}
