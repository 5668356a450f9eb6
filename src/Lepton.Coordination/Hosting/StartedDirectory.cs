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
    /// <exception cref="DataDirectoryException">It can't be made.</exception>
    public static StartedDirectory Make(string directory)
    {
        bool isNew = !Directory.Exists(directory);
        DataDirectories.Make(directory);
        return new StartedDirectory(directory, isNew);
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
