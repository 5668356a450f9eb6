using System.Globalization;

namespace Lepton.Storage.Blocks;

/// <summary>One file of blocks. Reading is thread safe; one at a time appends.</summary>
internal sealed class SegmentFile : IDisposable
{
    public const string Ending = ".seg";
    private readonly IBlockDisk _disk;
    private readonly string _name;

    private SegmentFile(long number, IBlockDisk disk, string name, IBlockFile file, long length, uint version)
    {
        (Number, _disk, _name, File, Length, Version) = (number, disk, name, file, length, version);
        Path = System.IO.Path.Combine(disk.Path, name);
    }

    /// <summary>Its number; later segments have larger ones.</summary>
    public long Number { get; }

    public string Path { get; }

    /// <summary>Where it lies.</summary>
    public IBlockFile File { get; }

    /// <summary>Where the next record goes: bytes behind it, where there are any, mean nothing.</summary>
    public long Length { get; set; }

    /// <summary>The version of its format; 0 where it is too short to say.</summary>
    public uint Version { get; }

    /// <summary>Whether it was deleted. Who still reads from it looks its block up again.</summary>
    public bool IsDeleted { get; private set; }

    /// <summary>All segments of a disk, by number.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    public static List<(long Number, string Name)> List(IBlockDisk disk)
    {
        List<(long Number, string Name)> all = [];
        foreach (string name in disk.List().Where(static name => name.EndsWith(Ending, StringComparison.Ordinal)))
        {
            if (long.TryParse(
                name.AsSpan(0, name.Length - Ending.Length), NumberStyles.None, CultureInfo.InvariantCulture,
                out long number))
            {
                all.Add((number, name));
            }
        }

        all.Sort();
        return all;
    }

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
            return new SegmentFile(
                number, disk, name, file, SegmentFormat.FileHeaderSize, SegmentFormat.Version);
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
        try
        {
            byte[] header = new byte[SegmentFormat.FileHeaderSize];
            uint version = Read(file, header, 0) == header.Length ? SegmentFormat.VersionOf(header) : 0;
            return new SegmentFile(number, disk, name, file, file.Length, version);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether there is still a file of its name.</summary>
    public bool IsThere() => _disk.Exists(_name);

    /// <summary>Opens the file that now has its name: this one, unless somebody has deleted or replaced it.</summary>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="IOException">It can't be opened.</exception>
    public IBlockFile? OpenByName() => _disk.OpenToRead(_name);

    /// <summary>Writes a record at the end. One at a time.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="content">Its content.</param>
    /// <param name="place">Told where it begins, before the segment is as long as that: whoever sees the length finds
    /// all blocks before it placed.</param>
    /// <exception cref="BlockException">The disk is full; nothing was written.</exception>
    /// <exception cref="IOException">The disk can't be written.</exception>
    public void Append(byte[] header, ReadOnlyMemory<byte> content, Action<long> place)
    {
        long offset = Length;
        try
        {
            File.Write([header, content], offset);
        }
        catch (IOException e)
        {
            // What was written of it would be found behind the end by the next start.
            File.SetLength(offset);
            if (DiskFull.Is(e))
            {
                throw DiskFull.Of(
                    _disk.Path, $"a block of {content.Length} bytes could not be written", e);
            }

            throw;
        }

        place(offset);
        Length = offset + header.Length + content.Length;
    }

    /// <summary>Reads until the buffer is full or the file ends.</summary>
    /// <returns>How many bytes were read.</returns>
    public int Read(Span<byte> buffer, long offset) => Read(File, buffer, offset);

    /// <inheritdoc cref="Read(Span{byte}, long)"/>
    public static int Read(IBlockFile file, Span<byte> buffer, long offset)
    {
        int done = 0;
        while (done < buffer.Length)
        {
            int read = file.Read(buffer[done..], offset + done);
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
