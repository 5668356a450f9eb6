using Lepton.Raft.Disk;
using Lepton.Simulation.World;

namespace Lepton.Simulation.Disk;

/// <summary>
/// An open file of a <see cref="SimulatedDisk"/>; dead after the next crash. After a failure it does what it is asked
/// to, as systems do: who uses it must know better.
/// </summary>
internal sealed class SimulatedFile(SimulatedDisk disk, SimulatedInode inode, string name) : IDiskFile
{
    private readonly int _generation = disk.Generation;
    private bool _isClosed;

    public long Length => inode.Length;

    public int Read(long offset, Span<byte> bytes)
    {
        CheckAlive();
        if (disk.Strikes(disk.Faults.FailRead, Fault.ReadFailed))
        {
            throw new DiskFailedException($"{disk.Path}/{name} could not be read at byte {offset}: a simulated fault.");
        }

        return inode.Read(offset, bytes);
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        CheckAlive();
        disk.CountWrite(name, offset, bytes.Length);
        long more = offset + bytes.Length - inode.Length;
        if (more > 0 && disk.QuotaBytes != long.MaxValue && disk.UsedBytes + more > disk.QuotaBytes)
        {
            // A part gets there, as on a real disk that fills up on the way.
            int room = (int)Math.Clamp(inode.Length - offset, 0, bytes.Length - 1);
            inode.Write(offset, bytes[..disk.Random.NextInt32(room + 1)]);
            disk.CheckRoom(offset + bytes.Length - inode.Length, name);
        }

        if (disk.Strikes(disk.Faults.FailWrite, Fault.WriteFailed))
        {
            // Whole sectors, or none of one: less than a sector no disk writes.
            long end = offset + disk.Random.NextInt32(bytes.Length + 1);
            long done = Math.Max(offset, end / SimulatedDisk.SectorBytes * SimulatedDisk.SectorBytes) - offset;
            inode.Write(offset, bytes[..(int)done]);
            throw new DiskFailedException(
                $"{disk.Path}/{name} could not be written at byte {offset}: a simulated fault.");
        }

        if (disk.Strikes(disk.Faults.MisdirectWrite, Fault.WriteMisdirected))
        {
            long sectors = (inode.Length - bytes.Length) / SimulatedDisk.SectorBytes;
            offset = disk.Random.NextInt64(Math.Max(1, sectors)) * SimulatedDisk.SectorBytes;
            disk.Trace?.Add($"misdirected to {offset}");
        }

        inode.Write(offset, bytes);
    }

    public void SetLength(long bytes)
    {
        CheckAlive();
        disk.CheckRoom(bytes - inode.Length, name);
        inode.SetLength(bytes);
    }

    public void Sync()
    {
        CheckAlive();
        disk.CountSync(name);
        if (disk.Strikes(disk.Faults.FailSync, Fault.SyncFailed))
        {
            inode.FailSync(disk.Random);
            throw new DiskFailedException($"{disk.Path}/{name} could not be flushed: a simulated fault.");
        }

        inode.Sync();
    }

    public void Dispose() => _isClosed = true;

    private void CheckAlive()
    {
        ObjectDisposedException.ThrowIf(_isClosed || _generation != disk.Generation, this);
    }
}
