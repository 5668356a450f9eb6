using Lepton.Core.Durability;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Storage.Blocks;

/// <summary>A folder of a real file system.</summary>
/// <param name="path">Its path.</param>
/// <param name="flush">Flushes a file.</param>
internal sealed class BlockFolder(string path, Action<SafeFileHandle> flush) : IBlockDisk
{
    private const FileShare Sharing = FileShare.Read | FileShare.Delete;

    public string Path => path;

    public IReadOnlyList<string> List()
    {
        PrivateDirectory.Create(path);
        return [.. Directory.EnumerateFiles(path).Select(static file => System.IO.Path.GetFileName(file))];
    }

    public IBlockFile Create(string name) => Open(name, FileMode.CreateNew);

    public IBlockFile Open(string name) => Open(name, FileMode.Open);

    public IBlockFile? OpenToRead(string name)
    {
        try
        {
            return new BlockFile(
                File.OpenHandle(
                    PathOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), flush);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // That is what is to be found out.
            return null;
        }
    }

    public bool Exists(string name) => File.Exists(PathOf(name));

    public void Delete(string name) => File.Delete(PathOf(name));

    public void FlushNames() => DurableFile.FsyncDirectory(path);

    private string PathOf(string name) => System.IO.Path.Combine(path, name);

    private BlockFile Open(string name, FileMode mode) =>
        new(File.OpenHandle(PathOf(name), mode, FileAccess.ReadWrite, Sharing), flush);

    private sealed class BlockFile(SafeFileHandle handle, Action<SafeFileHandle> flush) : IBlockFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public int Read(Span<byte> buffer, long offset) => RandomAccess.Read(handle, buffer, offset);

        public void DropCached(long offset, long length) => PageCache.Drop(handle, offset, length);

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> pieces, long offset) =>
            RandomAccess.Write(handle, pieces, offset);

        public void SetLength(long length) => RandomAccess.SetLength(handle, length);

        public void Flush() => flush(handle);

        public void Dispose() => handle.Dispose();
    }
}
