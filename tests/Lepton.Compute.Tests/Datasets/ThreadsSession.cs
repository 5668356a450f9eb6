namespace Lepton.Compute.Tests.Datasets;

/// <summary>A session of two threads, for all tests of a class.</summary>
public sealed class ThreadsSession : IAsyncLifetime
{
    public LeptonSession Session { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Session = await LeptonSession.LocalAsync(threads: 2, options: new LeptonSessionOptions { EventLogPath = "" });

    public async ValueTask DisposeAsync() => await Session.DisposeAsync();
}
