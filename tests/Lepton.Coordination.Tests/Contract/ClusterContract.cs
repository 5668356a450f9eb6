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
        IReadOnlyList<ClusterMember> members = await Client.ListMembersAsync();
        EndpointStatus status = await Client.GetStatusAsync();
        Assert.Contains(status.Leader, members.Select(member => member.Id));
        Assert.All(members, member => Assert.False(member.IsLearner || member.Name.Length == 0));
        Assert.All(members, member => Assert.NotEmpty(member.ClientUrls));
        Assert.Empty(status.Errors);
        Assert.True(status.RaftAppliedIndex > 0 && status.RaftTerm > 0 && status.DatabaseBytes > 0);
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
