using System.Security.Cryptography;
using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>Members, status and snapshots.</summary>
public abstract class ClusterContract(ICoordinationServerFixture server) : ContractTest(server)
{
    [Fact]
    public async Task ListMembers_AndStatus_AgreeOnWhoLeads()
    {
        // An empty store has no bytes.
        await Client.PutAsync("cluster/any", "value");
        IReadOnlyList<ClusterMember> members = await Client.ListMembersAsync();
        EndpointStatus status = await Client.GetStatusAsync();
        Assert.Contains(status.Leader, members.Select(member => member.Id));
        Assert.All(members, member => Assert.False(member.IsLearner || member.Name.Length == 0));
        Assert.All(members, member => Assert.NotEmpty(member.ClientUrls));
        Assert.Empty(status.Errors);
        Assert.True(status.RaftAppliedIndex > 0 && status.RaftTerm > 0 && status.DatabaseBytes > 0);
    }

    [Fact]
    public async Task AddMember_Learner_IsListedUntilItIsRemoved()
    {
        string url = $"http://127.0.0.1:{FreePorts.Find(1)[0]}";
        ClusterMember added = await Client.AddMemberAsync([url], asLearner: true);
        try
        {
            Assert.Equal([url], added.PeerUrls);
            Assert.Equal(("", true), (added.Name, added.IsLearner));
            ClusterMember listed = Assert.Single(await Client.ListMembersAsync(), member => member.Id == added.Id);
            Assert.True(listed.IsLearner);

            // The URLs do; within one second etcd says that the id does, which it makes of both.
            await RefusedAsync(Client.AddMemberAsync([url], asLearner: false), "already exist");

            // It never ran, so it is not in sync.
            await RefusedAsync(
                Client.PromoteMemberAsync(added.Id), "can only promote a learner member which is in sync with leader");
        }
        finally
        {
            await Client.RemoveMemberAsync(added.Id);
        }

        Assert.DoesNotContain(await Client.ListMembersAsync(), member => member.Id == added.Id);
        await RefusedAsync(Client.RemoveMemberAsync(added.Id), "member not found");
        await RefusedAsync(Client.PromoteMemberAsync(added.Id), "member not found");
        MemberId voter = (await Client.ListMembersAsync())[0].Id;
        await RefusedAsync(Client.PromoteMemberAsync(voter), "can only promote a learner member");
    }

    [Fact]
    public async Task AddMember_UrlThatIsNone_IsRefused()
    {
        CoordinationException e = await Assert.ThrowsAsync<CoordinationException>(
            () => Client.AddMemberAsync(["nonsense"], asLearner: true));
        Assert.Contains("given member URLs are invalid", e.Message, StringComparison.Ordinal);
        Assert.StartsWith("The addition of the member at nonsense failed: ", e.Message, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(Task change, string text)
    {
        CoordinationException e = await Assert.ThrowsAsync<CoordinationException>(() => change);
        Assert.Equal(CoordinationFailure.Refused, e.Failure);
        Assert.Contains(text, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Snapshot_Whole_HasTheChecksumOfWhatWasWritten()
    {
        await Client.PutAsync(NewName(), new byte[100_000]);
        using MemoryStream file = new();
        SnapshotSummary summary = await Client.SnapshotAsync(file);
        byte[] written = file.ToArray();
        Assert.Equal(written.Length, summary.Bytes);
        Assert.True(written.Length > 100_000);
        byte[] checksum = SHA256.HashData(written.AsSpan()[..^SHA256.HashSizeInBytes]);
        Assert.Equal(Convert.ToHexStringLower(checksum), summary.Sha256);
        Assert.Equal(checksum, written[^SHA256.HashSizeInBytes..]);
    }
}
