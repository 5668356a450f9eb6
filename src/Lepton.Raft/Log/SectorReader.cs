using Lepton.Raft.Disk;

namespace Lepton.Raft.Log;

/// <summary>
/// The sectors of a file, read in large pieces. What the disk can't read, and what lies beyond the file's end, has a
/// content too: something that is no sector of ours, and zeros.
/// </summary>
/// <param name="file">The file; it stays the caller's.</param>
/// <param name="window">Room for the pieces, whole sectors of it; one reader at a time uses it.</param>
internal sealed class SectorReader(IDiskFile file, byte[] window)
{
    private const byte Unreadable = 0xFF;
    private int _first;
    private int _count;

    /// <summary>A sector, valid until the next call.</summary>
    public ReadOnlySpan<byte> Sector(int number)
    {
        if (number < _first || number >= _first + _count)
        {
            Fill(number);
        }

        return window.AsSpan((number - _first) * SectorFrame.SectorBytes, SectorFrame.SectorBytes);
    }

    private void Fill(int number)
    {
        _first = number;
        _count = window.Length / SectorFrame.SectorBytes;
        long offset = (long)number * SectorFrame.SectorBytes;
        try
        {
            int read = file.Read(offset, window);
            window.AsSpan(read).Clear();
        }
        catch (DiskFailedException)
        {
            FillOneByOne(offset);
        }
    }

    private void FillOneByOne(long offset)
    {
        for (int at = 0; at < window.Length; at += SectorFrame.SectorBytes)
        {
            Span<byte> sector = window.AsSpan(at, SectorFrame.SectorBytes);
            try
            {
                int read = file.Read(offset + at, sector);
                sector[read..].Clear();
            }
            catch (DiskFailedException)
            {
                sector.Fill(Unreadable);
            }
        }
    }
}
