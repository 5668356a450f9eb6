using System.Globalization;
using Lepton.Coordination.Hosting;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Tests.Servers;
using Lepton.Coordination.Tests.Services;
using Lepton.Rpc;
using Lepton.Rpc.Client;

namespace Lepton.Coordination.Tests.Snapshots;

/// <summary>A member of ours in this process, with what its flags would be.</summary>
internal sealed class OwnMember : IAsyncDisposable
{
    private readonly Coordinator _coordinator;

    private OwnMember(Coordinator coordinator)
    {
        _coordinator = coordinator;
        Address = coordinator.ClientAddresses[0];
        Channel = new RpcChannel(Address);
    }

    public Uri Address { get; }

    public RpcChannel Channel { get; }

    public Coordinator Coordinator => _coordinator;

    /// <summary>A member alone, at free ports.</summary>
    public static CoordinatorOptions Alone(string directory, string peerUrl) => new()
    {
        Name = "m0",
        DataDir = directory,
        ListenClientUrls = ["http://127.0.0.1:0"],
        AdvertiseClientUrls = ["http://127.0.0.1:1"],
        ListenPeerUrls = [peerUrl],
        ElectionTimeout = TimeSpan.FromMilliseconds(500),
    };

    public static async Task<OwnMember> StartAsync(CoordinatorOptions options) =>
        new(await Coordinator.StartAsync(options));

    /// <summary>Waits until it serves; each question waits for a leader.</summary>
    public static async Task ServesAsync(RpcChannel channel)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        for (; ; )
        {
            try
            {
                RangeRequest question = new() { Key = Methods.Bytes("?") };
                await channel.UnaryAsync(Methods.Range, question, null, limit.Token);
                return;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable && !limit.IsCancellationRequested)
            {
                // No leader yet.
                continue;
            }
        }
    }

    public Task ServesAsync() => ServesAsync(Channel);

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _coordinator.DisposeAsync();
    }

    public static string FreeUrl() =>
        string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePorts.Find(1)[0]}");
}
