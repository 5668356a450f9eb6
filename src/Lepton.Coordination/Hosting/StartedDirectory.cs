using Lepton.Raft.Disk;

namespace Lepton.Coordination.Hosting;

/// <summary>
/// A data directory at a start. Until the member can have told anybody anything, what the start has made there is taken
/// away again where it fails: what is left of it would bind the next start to flags that were wrong.
/// </summary>
internal sealed class StartedDirectory
{
    private readonly string _directory;
    private readonly bool _isNew;
    private readonly bool _hadIdentity;
    private readonly bool _hadLog;

    private StartedDirectory(string directory, bool isNew)
    {
        (_directory, _isNew) = (directory, isNew);
        _hadIdentity = File.Exists(NodeIdentityFile.PathIn(directory));
        _hadLog = Directory.Exists(NodeStorage.PathIn(directory));
    }

    /// <summary>Makes the directory where there is none, and notes what it holds.</summary>
    /// <exception cref="DataDirectoryException">It can't be made, or is etcd's.</exception>
    public static StartedDirectory Make(string directory)
    {
        bool isNew = !Directory.Exists(directory);
        DataDirectories.Make(directory);
        StartedDirectory started = new(directory, isNew);
        if (!started._hadIdentity && Directory.Exists(Path.Combine(directory, "member", "wal")))
        {
            throw new DataDirectoryException(
                $"--data-dir: {directory} is etcd's, which a coordinator can't read; nothing was changed. Save a " +
                "snapshot of that cluster (etcdctl snapshot save), make a directory of it (lepton snapshot restore), " +
                "and start from that one.");
        }

        return started;
    }

    /// <summary>Takes away what was not there before. All files in it are closed.</summary>
    public void TakeBack()
    {
        try
        {
            if (!_hadLog && Directory.Exists(NodeStorage.PathIn(_directory)))
            {
                // Not where another process has begun here at the same moment: it holds the lock.
                FileDisk.OpenDirectory(NodeStorage.PathIn(_directory)).Dispose();
                Directory.Delete(NodeStorage.PathIn(_directory), recursive: true);
            }

            if (!_hadIdentity)
            {
                File.Delete(NodeIdentityFile.PathIn(_directory));
            }

            if (_isNew)
            {
                Directory.Delete(_directory);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Why the start failed is what is told; what can't be taken away is left.
            return;
        }
    }
}
