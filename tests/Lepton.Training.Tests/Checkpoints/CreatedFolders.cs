using System.Collections.Concurrent;

namespace Lepton.Training.Tests.Checkpoints;

/// <summary>The folders that were made somewhere, also those that are gone.</summary>
internal sealed class CreatedFolders : IDisposable
{
    private readonly ConcurrentQueue<string> _paths = new();
    private readonly TaskCompletionSource _end = new();
    private readonly FileSystemWatcher _watcher;
    private readonly string _last;

    /// <param name="root">Where, with all folders below it that are there now.</param>
    /// <param name="pattern">What their names are like; ends with <c>*</c>.</param>
    public CreatedFolders(string root, string pattern)
    {
        _last = Path.Combine(root, pattern.Replace("*", "last", StringComparison.Ordinal));
        _watcher = new FileSystemWatcher(root, pattern)
        {
            NotifyFilter = NotifyFilters.DirectoryName, IncludeSubdirectories = true,
        };
        _watcher.Created += OnCreated;
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Their paths, in the order in which they were made.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        // Told in their order: behind this one nothing is on its way.
        Directory.CreateDirectory(_last);
        await _end.Task.WaitAsync(TestContext.Current.CancellationToken);
        Directory.Delete(_last);
        return [.. _paths];
    }

    public void Dispose() => _watcher.Dispose();

    private void OnCreated(object sender, FileSystemEventArgs args)
    {
        if (args.FullPath == _last)
        {
            _end.TrySetResult();
            return;
        }

        _paths.Enqueue(args.FullPath);
    }
}
