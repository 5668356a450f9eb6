using Lepton.Compute;

namespace Lepton.Learning.Tests.Distributed;

/// <summary>A session of two threads for all tests of a class.</summary>
public sealed class ThreadsFixture : IAsyncLifetime
{
    public LeptonSession Session { get; private set; } = null!;

    /// <summary>A session without an event log, which nobody would read.</summary>
    public static Task<LeptonSession> StartAsync(int workers, int threads) =>
        LeptonSession.LocalAsync(workers, threads, new LeptonSessionOptions { EventLogPath = "" });

    public async ValueTask InitializeAsync() => Session = await StartAsync(0, 2);

    public ValueTask DisposeAsync() => Session.DisposeAsync();
}
