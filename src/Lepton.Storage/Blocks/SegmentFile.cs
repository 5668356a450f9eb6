using System.Globalization;

namespace Lepton.Storage.Blocks;

/// <summary>One file of blocks. Reading is thread safe; one at a time appends.</summary>
internal sealed class SegmentFile : IDisposable
{
    public const string Ending = ".seg";
    private readonly IBlockDisk _disk;
    private readonly string _name;

    private SegmentFile(long number, IBlockDisk disk, string name, IBlockFile file, long length)
    {
        (Number, _disk, _name, File, Length) = (number, disk, name, file, length);
        Path = System.IO.Path.Combine(disk.Path, name);
    }

    /// <summary>Its number; later segments have larger ones.</summary>
    public long Number { get; }

    public string Path { get; }

    /// <summary>Where it lies.</summary>
    public IBlockFile File { get; }

    /// <summary>Where the next record goes: bytes behind it, where there are any, mean nothing.</summary>
    public long Length { get; set; }

    /// <summary>Whether it was deleted. Who still reads from it looks its block up again.</summary>
    public bool IsDeleted { get; private set; }

    /// <summary>Makes an empty segment that outlives a power cut.</summary>
    /// <exception cref="BlockException">The disk is full.</exception>
    /// <exception cref="IOException">It can't be made, or not be flushed.</exception>
    public static SegmentFile Create(IBlockDisk disk, long number)
    {
        string name = number.ToString("D12", CultureInfo.InvariantCulture) + Ending;
        IBlockFile file = New(disk, name);
        try
        {
            file.Flush();
            disk.FlushNames();
            return new SegmentFile(number, disk, name, file, SegmentFormat.FileHeaderSize);
        }
        catch
        {
            file.Dispose();
            disk.Delete(name);
            throw;
        }
    }

    /// <summary>Opens a segment that is there.</summary>
    /// <exception cref="IOException">It can't be opened.</exception>
    public static SegmentFile Open(IBlockDisk disk, long number, string name)
    {
        IBlockFile file = disk.Open(name);
        return new SegmentFile(number, disk, name, file, file.Length);
    }

    /// <summary>Reads until the buffer is full or the file ends.</summary>
    /// <returns>How many bytes were read.</returns>
    public int Read(Span<byte> buffer, long offset)
    {
        int done = 0;
        while (done < buffer.Length)
        {
            int read = File.Read(buffer[done..], offset + done);
            if (read == 0)
            {
                break;
            }

            done += read;
        }

        return done;
    }

    /// <summary>Deletes the file. It must not be needed by anything any more.</summary>
    public void Delete()
    {
        IsDeleted = true;
        File.Dispose();
        _disk.Delete(_name);
    }

    public void Dispose() => File.Dispose();

    private static IBlockFile New(IBlockDisk disk, string name)
    {
        IBlockFile? file = null;
        try
        {
            file = disk.Create(name);
            file.Write([SegmentFormat.NewFileHeader()], 0);
            return file;
        }
        catch (IOException e)
        {
            if (file is not null)
            {
                file.Dispose();
                disk.Delete(name);
            }

            if (DiskFull.Is(e))
            {
                throw DiskFull.Of(
                    disk.Path, $"the segment {System.IO.Path.Combine(disk.Path, name)} could not be made", e);
            }

            throw;
        }
    }
}
