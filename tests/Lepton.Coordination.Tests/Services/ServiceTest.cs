using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Services;
using Lepton.Rpc;

namespace Lepton.Coordination.Tests.Services;

/// <summary>Servers for one test, all stopped at its end.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public abstract class ServiceTest : IAsyncLifetime
{
    private readonly List<TestServer> _servers = [];

    /// <summary>How long a test waits for what must happen; its end says which step did not.</summary>
    private protected static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (TestServer server in _servers)
        {
            await server.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private protected async Task<TestServer> ServeAsync(
        CoordinationServiceOptions? options = null, ILeaseForwarder? forwarder = null,
        ISnapshotExport? snapshots = null)
    {
        TestServer server = await TestServer.StartAsync(options, forwarder, snapshots);
        _servers.Add(server);
        return server;
    }

    private protected static async Task<RpcException> FailsAsync(Task call, StatusCode code, string detail)
    {
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => Step(call, $"the call fails with {detail}"));
        Assert.Equal((code, detail), (e.StatusCode, e.Detail));
        return e;
    }

    private protected static ByteString Bytes(string text) => ByteString.CopyFromUtf8(text);

    private protected static PutRequest Put(string key, string value = "", long lease = 0) =>
        new() { Key = Bytes(key), Value = Bytes(value), Lease = lease };

    private protected static RangeRequest Get(string key) => new() { Key = Bytes(key) };

    /// <summary>Waits for a step and, where it does not happen, fails with its name.</summary>
    private protected static async Task<T> Step<T>(Task<T> task, string step)
    {
        await Step((Task)task, step);
        return await task;
    }

    /// <inheritdoc cref="Step{T}"/>
    private protected static async Task Step(Task task, string step)
    {
        try
        {
            await task.WaitAsync(Patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"This step did not happen: {step}.");
        }
    }
}
