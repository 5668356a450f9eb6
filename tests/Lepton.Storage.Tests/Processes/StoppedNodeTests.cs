namespace Lepton.Storage.Tests.Processes;

/// <summary>A node that is stopped (SIGSTOP) in the midst of writes, and goes on later (SIGCONT).</summary>
public sealed class StoppedNodeTests : IAsyncDisposable
{
    private readonly ProcessGroup _group = new();

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    [Fact]
    public async Task Stop_WhileObjectsAreWritten_NoneThatWasAcknowledgedIsLostOrOld()
    {
        await _group.StartAsync("s1", "s2", "s3");
        await using VersionedWrites writes = new(_group, "s1", "s2");
        await writes.MoreAsync("s1", "s2");
        await _group["s2"].SignalAsync("STOP");
        await writes.MoreAsync("s1");
        await _group["s2"].SignalAsync("CONT");
        await writes.MoreAsync("s1", "s2");
        await writes.StopAndCheckAsync();
    }
}
