using Amazon.S3;

namespace Lepton.Storage.Tests.Processes;

/// <summary>A node that is stopped (SIGSTOP) in the midst of writes, and goes on later (SIGCONT).</summary>
public sealed class StoppedNodeTests : IAsyncDisposable
{
    private const int ContentBytes = 150_000;
    private readonly ProcessGroup _group = new();
    private readonly SortedDictionary<string, int> _acknowledged = new(StringComparer.Ordinal);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    [Fact]
    public async Task Stop_WhileObjectsAreWritten_NoneThatWasAcknowledgedIsLostOrOld()
    {
        await _group.StartAsync("s1", "s2", "s3");
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task writing = Task.WhenAll(WriteAsync("s1", stop.Token), WriteAsync("s2", stop.Token));
        await MoreAsync("s1", "s2");
        await _group["s2"].SignalAsync("STOP");
        await MoreAsync("s1");
        await _group["s2"].SignalAsync("CONT");
        await MoreAsync("s1", "s2");
        await stop.CancelAsync();
        await writing;
        foreach (string name in _group.Names)
        {
            foreach ((string key, int version) in _acknowledged)
            {
                byte[]? read = await _group.GetAsync(name, key);
                Assert.NotNull(read);

                // The write after the last acknowledged one may have got through as well.
                int found = BitConverter.ToInt32(read);
                Assert.InRange(found, version, version + 1);
                Assert.True(ContentOf(key, found).AsSpan().SequenceEqual(read), $"{key} has other bytes.");
            }
        }
    }

    /// <summary>Writes versions of a key of its own, one after the other.</summary>
    private async Task WriteAsync(string through, CancellationToken stop)
    {
        for (int version = 1; !stop.IsCancellationRequested; version++)
        {
            for (bool isDone = false; !isDone && !stop.IsCancellationRequested;)
            {
                try
                {
                    await _group.PutAsync(through, through, ContentOf(through, version));
                    isDone = true;
                    lock (_acknowledged)
                    {
                        _acknowledged[through] = version;
                    }
                }
                catch (Exception e) when (e is AmazonS3Exception or HttpRequestException or IOException)
                {
                    // Nobody knows whether it was written; the same again does no harm.
                    continue;
                }
            }
        }
    }

    /// <summary>Waits until two more versions of some keys are acknowledged.</summary>
    private Task MoreAsync(params string[] keys)
    {
        Dictionary<string, int> wanted = keys.ToDictionary(static key => key, key => VersionOf(key) + 2);
        return ProcessGroup.UntilAsync(
            () => Task.FromResult(wanted.FirstOrDefault(one => VersionOf(one.Key) < one.Value) is { Key: not null } late
                ? $"'{late.Key}' is not written" : null),
            $"writes through {string.Join(" and ", keys)} are acknowledged");
    }

    private int VersionOf(string key)
    {
        lock (_acknowledged)
        {
            return _acknowledged.GetValueOrDefault(key);
        }
    }

    private static byte[] ContentOf(string key, int version)
    {
        byte[] content = Pattern.Of(ContentBytes, (ulong)(version + (key[1] * 10_000)));
        BitConverter.TryWriteBytes(content, version);
        return content;
    }
}
