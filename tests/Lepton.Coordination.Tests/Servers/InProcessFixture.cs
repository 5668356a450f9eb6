using Lepton.Coordination.Client;
using Lepton.Coordination.Client.Transport;
using Lepton.Coordination.Hosting;

namespace Lepton.Coordination.Tests.Servers;

/// <summary>
/// Three members in this process, for all contract tests; started by the first. They reach each other by loopback,
/// and clients call them directly.
/// </summary>
public sealed class InProcessFixture : ICoordinationServerFixture, IAsyncDisposable
{
    private static readonly TimeSpan s_startTimeMax = TimeSpan.FromMinutes(2);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-in-process-");
    private readonly Lazy<Task<IReadOnlyList<Coordinator>>> _members;

    public InProcessFixture() => _members = new(StartAsync);

    public async Task RequireRunningAsync() => await _members.Value;

    public CoordinationClient NewClient(CoordinationClientOptions? options = null)
    {
        options ??= new CoordinationClientOptions();
        return new CoordinationClient(
            options,
            [
                .. _members.Value.GetAwaiter().GetResult()
                    .Select(member => new InProcessTransport(member.Local, options.TimeProvider)),
            ]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_members.IsValueCreated)
        {
            foreach (Coordinator member in await _members.Value)
            {
                await member.DisposeAsync();
            }
        }

        _folder.Delete(recursive: true);
    }

    private async Task<IReadOnlyList<Coordinator>> StartAsync()
    {
        int[] ports = FreePorts.Find(3);
        string cluster = string.Join(',', ports.Select((port, i) => $"p{i}=http://127.0.0.1:{port}"));
        List<Coordinator> members = [];
        for (int i = 0; i < ports.Length; i++)
        {
            members.Add(await Coordinator.StartAsync(new CoordinatorOptions
            {
                Name = $"p{i}",
                DataDir = Path.Combine(_folder.FullName, $"p{i}"),
                ListenClientUrls = ["http://127.0.0.1:0"],
                AdvertiseClientUrls = ["http://127.0.0.1:1"],
                ListenPeerUrls = [$"http://127.0.0.1:{ports[i]}"],
                InitialCluster = cluster,
                HeartbeatInterval = TimeSpan.FromMilliseconds(200),
                ElectionTimeout = TimeSpan.FromSeconds(2),
            }));
        }

        foreach (Coordinator member in members)
        {
            using CoordinationClient client =
                member.NewClient(new CoordinationClientOptions { CallTimeout = s_startTimeMax });
            await client.GetAsync("is-anybody-there");
        }

        return members;
    }
}
