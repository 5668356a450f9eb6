using Lepton.Coordination.Hosting;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Coordination.Tests.Services;
using Lepton.Coordination.Tests.Snapshots;
using Lepton.Coordination.Tests.State;
using Lepton.Raft.Core;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;
using Lepton.Rpc;

namespace Lepton.Coordination.Tests.Corruption;

/// <summary>Three members, one of which began with other keys than the others.</summary>
public sealed class CorruptMemberTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-corrupt-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Corrupt_OneOfThree_TheLeaderFindsItAndWritesAreRefused()
    {
        string[] peers = [OwnMember.FreeUrl(), OwnMember.FreeUrl(), OwnMember.FreeUrl()];
        string cluster = string.Join(',', peers.Select((url, i) => $"m{i}={url}"));
        CoordinatorOptions[] options = [.. peers.Select((url, i) => OwnMember.Alone(PathOf($"m{i}"), url) with
        {
            Name = $"m{i}",
            InitialCluster = cluster,
            CorruptCheckTime = TimeSpan.FromMilliseconds(500),
        })];
        ulong corrupt = 0;
        for (int i = 0; i < options.Length; i++)
        {
            ulong id = Begin(options[i], value: i == 1 ? "flipped" : "right");
            corrupt = i == 1 ? id : corrupt;
        }

        OwnMember[] members = await Task.WhenAll(options.Select(OwnMember.StartAsync));
        try
        {
            await members[0].ServesAsync();
            using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
            AlarmResponse alarms = new();
            while (alarms.Alarms.Count == 0)
            {
                Assert.False(limit.IsCancellationRequested, "This step did not happen: the alarm is raised.");
                alarms = await members[0].Channel.UnaryAsync(Methods.Alarm, new AlarmRequest());
            }

            Assert.Equal(
                new AlarmMember { MemberID = corrupt, Alarm = AlarmType.Corrupt }, Assert.Single(alarms.Alarms));
            RpcException e = await Assert.ThrowsAsync<RpcException>(() => members[0].Channel.UnaryAsync(
                Methods.Put, new PutRequest { Key = Methods.Bytes("k") }));
            Assert.Equal((StatusCode.DataLoss, "etcdserver: corrupt cluster"), (e.StatusCode, e.Detail));
        }
        finally
        {
            foreach (OwnMember member in members)
            {
                await member.DisposeAsync();
            }
        }
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Makes a data directory as a restored one is, with keys that need not be the others'.</summary>
    private static ulong Begin(CoordinatorOptions options, string value)
    {
        CoordinatorSettings settings = CoordinatorSettings.Resolve(options);
        CoordinationState state = new();
        state.Do(Commands.Put("k", value));
        using StateSnapshot captured = new(
            Bootstrap.HardState.Commit, state.Manifest, state.Leases.TtlSeconds, state.Store);
        ulong clusterId = settings.NewClusterId;
        Directory.CreateDirectory(settings.DataDir);
        NodeStorage.Create(
            settings.DataDir, new LogIdentity(clusterId, settings.Self.Id),
            new ClusterMembership(
                settings.FirstMembers, [.. settings.FirstMembers.Select(member => member.Id)], [], []),
            data => captured.WriteTo(data, CancellationToken.None));
        new NodeIdentityFile(
            NodeIdentityFile.FormatNow, NodeIdentityFile.Text(clusterId), NodeIdentityFile.Text(settings.Self.Id.Value),
            options.Name, Joined: false).Write(settings.DataDir);
        return settings.Self.Id.Value;
    }
}
