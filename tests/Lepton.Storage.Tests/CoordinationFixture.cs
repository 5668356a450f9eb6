using Lepton.Coordination.Client;
using Lepton.Coordination.Hosting;

namespace Lepton.Storage.Tests;

/// <summary>One coordination member in this process, for all tests; started by the first.</summary>
public sealed class CoordinationFixture : IAsyncDisposable
{
    private static readonly TimeSpan s_startTimeMax = TimeSpan.FromMinutes(2);
    private readonly TestFolder _folder = new();
    private readonly Lazy<Task<Coordinator>> _member;

    public CoordinationFixture() => _member = new(StartAsync);

    /// <summary>A client, which the caller disposes.</summary>
    public async Task<CoordinationClient> NewClientAsync() => (await _member.Value).NewClient(
        new CoordinationClientOptions { CallTimeout = s_startTimeMax });

    /// <summary>Where it serves.</summary>
    public async Task<Uri> AddressAsync() => (await _member.Value).ClientAddresses[0];

    public async ValueTask DisposeAsync()
    {
        if (_member.IsValueCreated)
        {
            await (await _member.Value).DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task<Coordinator> StartAsync()
    {
        Coordinator member = await Coordinator.StartAsync(new CoordinatorOptions
        {
            Name = "storage-tests",
            DataDir = _folder.Child("coordination"),
            ListenClientUrls = ["http://127.0.0.1:0"],
            AdvertiseClientUrls = ["http://127.0.0.1:1"],
            ListenPeerUrls = ["http://127.0.0.1:0"],
            ElectionTimeout = TimeSpan.FromSeconds(2),
        });
        using CoordinationClient client =
            member.NewClient(new CoordinationClientOptions { CallTimeout = s_startTimeMax });
        await client.GetAsync("is-anybody-there");
        return member;
    }
}
