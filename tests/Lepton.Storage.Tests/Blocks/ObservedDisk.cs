using Lepton.Core.Durability;
using Lepton.Storage.Blocks;

namespace Lepton.Storage.Tests.Blocks;

/// <summary>A folder of which no byte can be read while a test wants it so, and which counts what is flushed.</summary>
internal sealed class ObservedDisk(string path) : IBlockDisk
{
    private readonly BlockFolder _folder = new(path, DurableFile.Fsync);

    public bool IsUnreadable { get; set; }

    /// <summary>How often the names were flushed.</summary>
    public int NameFlushes { get; private set; }

    public string Path => path;

    public IReadOnlyList<string> List() => _folder.List();

    public IBlockFile Create(string name) => new File(this, _folder.Create(name));

    public IBlockFile Open(string name) => new File(this, _folder.Open(name));

    public IBlockFile? OpenToRead(string name) => _folder.OpenToRead(name) is { } file ? new File(this, file) : null;

    public bool Exists(string name) => _folder.Exists(name);

    public void Delete(string name) => _folder.Delete(name);

    public void FlushNames()
    {
        _folder.FlushNames();
        NameFlushes++;
    }

    private sealed class File(ObservedDisk disk, IBlockFile file) : IBlockFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> buffer, long offset) =>
            disk.IsUnreadable ? throw new IOException("Input/output error", 5) : file.Read(buffer, offset);

        public void DropCached(long offset, long length) => file.DropCached(offset, length);

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> pieces, long offset) => file.Write(pieces, offset);

        public void SetLength(long length) => file.SetLength(length);

        public void Flush() => file.Flush();

        public void Dispose() => file.Dispose();
    }
}
