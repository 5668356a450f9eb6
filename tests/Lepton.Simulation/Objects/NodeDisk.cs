using Lepton.Raft.Disk;
using Lepton.Simulation.Disk;
using Lepton.Storage.Blocks;

namespace Lepton.Simulation.Objects;

/// <summary>A machine's disk for one process on it: once that is over, or the power is, nothing reaches it any more.
/// </summary>
/// <param name="node">The machine.</param>
/// <param name="life">The process.</param>
/// <param name="folder">What of the disk.</param>
internal sealed class NodeDisk(ObjectNode node, NodeLife life, SimulatedDisk folder) : IBlockDisk
{
    /// <summary>Linux' number for a disk without room.</summary>
    private const int NoSpace = 28;

    public string Path => folder.Path;

    public IReadOnlyList<string> List() => Call(folder.List, changes: false);

    public IBlockFile Create(string name) => Call(() => new File(this, folder.Create(name, 0)), changes: true);

    public IBlockFile Open(string name) => Call(() => new File(this, folder.Open(name)), changes: false);

    public IBlockFile? OpenToRead(string name) => Exists(name) ? Open(name) : null;

    public bool Exists(string name) => List().Contains(name);

    public void Delete(string name) => Call(() => folder.Delete(name), changes: true);

    public void FlushNames() => Call(folder.SyncDirectory, changes: true);

    private T Call<T>(Func<T> call, bool changes)
    {
        life.DemandRunning();
        if (changes)
        {
            node.SpendCall();
            life.DemandRunning();
        }

        try
        {
            return call();
        }
        catch (SimulatedPowerLossException)
        {
            node.LosePowerInWrite();
            throw;
        }
        catch (DiskFullException e)
        {
            throw new IOException(e.Message, NoSpace);
        }
    }

    private void Tell(byte[] written)
    {
        if (node.Cluster.Story is not null && SegmentFormat.RecordHeaderSize < written.Length)
        {
            node.Cluster.Note($"{folder.Path} gets {BlockId.Read(written.AsSpan(16))}");
        }
    }

    private void Call(Action call, bool changes) => Call(
        () =>
        {
            call();
            return true;
        },
        changes);

    private sealed class File(NodeDisk disk, IDiskFile file) : IBlockFile
    {
        public long Length => disk.Call(() => file.Length, changes: false);

        public int Read(Span<byte> buffer, long offset)
        {
            byte[] bytes = new byte[buffer.Length];
            int read = disk.Call(() => file.Read(offset, bytes), changes: false);
            bytes.AsSpan(0, read).CopyTo(buffer);
            return read;
        }

        public void DropCached(long offset, long length)
        {
            // What is read is always what the disk has.
        }

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> pieces, long offset)
        {
            byte[] bytes = new byte[pieces.Sum(static piece => piece.Length)];
            int at = 0;
            foreach (ReadOnlyMemory<byte> piece in pieces)
            {
                piece.CopyTo(bytes.AsMemory(at));
                at += piece.Length;
            }

            disk.Tell(bytes);
            disk.Call(() => file.Write(offset, bytes), changes: true);
        }

        public void SetLength(long length) => disk.Call(() => file.SetLength(length), changes: true);

        public void Flush() => disk.Call(file.Sync, changes: true);

        public void Dispose() => file.Dispose();
    }
}
