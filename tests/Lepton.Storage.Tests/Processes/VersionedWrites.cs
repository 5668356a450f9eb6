using Amazon.S3;

namespace Lepton.Storage.Tests.Processes;

/// <summary>
/// Writers, each through a node and to a key of that node's name, one version after the other. A version that is
/// acknowledged must be found through every node, or a later one.
/// </summary>
internal sealed class VersionedWrites : IAsyncDisposable
{
    private const int ContentBytes = 150_000;
    private readonly ProcessGroup _group;
    private readonly SortedDictionary<string, int> _acknowledged = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop =
        CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    private readonly Task _writing;

    /// <summary>Begins to write.</summary>
    public VersionedWrites(ProcessGroup group, params string[] nodes)
    {
        _group = group;
        _writing = Task.WhenAll(nodes.Select(node => WriteAsync(node, _stop.Token)));
    }

    /// <summary>The last version of a node's key that was acknowledged; 0 for none.</summary>
    public int VersionOf(string key)
    {
        lock (_acknowledged)
        {
            return _acknowledged.GetValueOrDefault(key);
        }
    }

    /// <summary>Waits until two more versions of some keys are acknowledged.</summary>
    public Task MoreAsync(params string[] keys)
    {
        Dictionary<string, int> wanted = keys.ToDictionary(static key => key, key => VersionOf(key) + 2);
        return ProcessGroup.UntilAsync(
            () => Task.FromResult(wanted.FirstOrDefault(one => VersionOf(one.Key) < one.Value) is { Key: not null } late
                ? $"'{late.Key}' is not written" : null),
            $"writes through {string.Join(" and ", keys)} are acknowledged");
    }

    /// <summary>Ends the writers, and reads all keys through all nodes.</summary>
    public async Task StopAndCheckAsync()
    {
        await _stop.CancelAsync();
        await _writing;
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

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

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

    private static byte[] ContentOf(string key, int version)
    {
        byte[] content = Pattern.Of(ContentBytes, (ulong)(version + (key[1] * 10_000)));
        BitConverter.TryWriteBytes(content, version);
        return content;
    }
}
