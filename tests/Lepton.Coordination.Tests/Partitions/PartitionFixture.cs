using System.Globalization;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Partitions;

/// <summary>Five members, each a process in a network namespace of its own; started by the first test.</summary>
public sealed class PartitionFixture : IAsyncDisposable
{
    /// <summary>How many members there are.</summary>
    public const int Members = 5;

    private readonly TestCertificates _certificates =
        new([.. Enumerable.Range(0, Members).Select(NetworkLab.AddressOf)]);

    private NetworkLab? _lab;
    private MemberCluster? _cluster;

    /// <summary>The network; only once the members are ready.</summary>
    internal NetworkLab Lab => _lab!;

    /// <summary>Makes the network whole, and waits until all members serve.</summary>
    public async Task<MemberCluster> ReadyAsync()
    {
        ServerProgram.Lepton.Require();
        _lab ??= new NetworkLab(Members);
        _lab.Heal();
        _cluster ??= await MemberCluster.StartAsync(ServerProgram.Lepton, _certificates, Describe);
        await _cluster.ServesAsync();
        return _cluster;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await (_cluster?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        finally
        {
            _lab?.Dispose();
            _certificates.Dispose();
        }
    }

    private IEnumerable<MemberSettings> Describe(DirectoryInfo folder)
    {
        string all = string.Join(',', Enumerable.Range(0, Members).Select(i => $"m{i}={Url(i, 2380)}"));
        return Enumerable.Range(0, Members).Select(i => new MemberSettings
        {
            Name = $"m{i}",
            Data = folder.CreateSubdirectory($"m{i}").FullName,
            Client = new Uri(Url(i, 2379)),
            Peer = new Uri(Url(i, 2380)),
            Cluster = all,
            Token = folder.Name,
            Certificates = _certificates,
            Launcher = NetworkLab.LauncherOf(i),
        });
    }

    private static string Url(int member, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"https://{NetworkLab.AddressOf(member)}:{port}");
}
