using System.Diagnostics.CodeAnalysis;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;
using Lepton.Rpc.Tests.Protocol;

namespace Lepton.Rpc.Tests;

/// <summary>A server and channels for one test, all closed at its end.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public abstract class RpcTest : IAsyncLifetime
{
    private readonly List<RpcServer> _servers = [];
    private readonly List<RpcChannel> _channels = [];

    private protected RpcServices Services { get; } = new();

    /// <summary>How long a test waits for what must happen; its end says which step did not.</summary>
    private protected static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _channels.ForEach(channel => channel.Dispose());
        foreach (RpcServer server in _servers)
        {
            await server.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private protected async Task<RpcServer> ServeAsync(RpcServerOptions? options = null)
    {
        RpcServer server = await RpcServer.StartAsync(Services, options);
        _servers.Add(server);
        return server;
    }

    private protected RpcChannel Channel(Uri address, RpcChannelOptions? options = null)
    {
        RpcChannel channel = new(address, options);
        _channels.Add(channel);
        return channel;
    }

    private protected async Task<RpcChannel> ServeAndConnectAsync(
        RpcServerOptions? serverOptions = null, RpcChannelOptions? channelOptions = null) =>
        Channel((await ServeAsync(serverOptions)).Address, channelOptions);

    /// <summary>Waits for a step and, where it does not happen, fails with its name.</summary>
    private protected static async Task<T> Step<T>(Task<T> task, string step)
    {
        await Step((Task)task, step);
        return await task;
    }

    /// <summary>Ends after the time, without an error.</summary>
    private protected static Task Expire(TimeSpan after) =>
        new TaskCompletionSource().Task.WaitAsync(after, TimeProvider.System)
            .ContinueWith(static _ => { }, TaskScheduler.Default);

    /// <inheritdoc cref="Step{T}"/>
    private protected static async Task Step(Task task, string step)
    {
        Task first = await Task.WhenAny(task, Expire(Patience));
        Assert.True(first == task, $"This step did not happen: {step}.");
        await task;
    }

    /// <summary>
    /// Completes <paramref name="cancelled"/> once the call's token is cancelled. The registration stays: a handler
    /// that ends by the cancellation would take it back before it ran.
    /// </summary>
    private protected static void Watch(RpcServerCall call, TaskCompletionSource cancelled) =>
        call.CancellationToken.Register(() => cancelled.TrySetResult());

    private protected static Note NoteOf(long number, string text = "") => new() { Number = number, Text = text };
}
