using System.Globalization;
using Lepton.Core.Durability;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Storage.Blocks;

/// <summary>One file of blocks. Reading is thread safe; one at a time appends.</summary>
internal sealed class SegmentFile : IDisposable
{
    public const string Ending = ".seg";

    private SegmentFile(long number, string path, SafeFileHandle handle, long length, uint version) =>
        (Number, Path, Handle, Length, Version) = (number, path, handle, length, version);

    /// <summary>Its number; later segments have larger ones.</summary>
    public long Number { get; }

    public string Path { get; }

    public SafeFileHandle Handle { get; }

    /// <summary>Where the next record goes: bytes behind it, where there are any, mean nothing.</summary>
    public long Length { get; set; }

    /// <summary>The version of its format; 0 where it is too short to say.</summary>
    public uint Version { get; }

    /// <summary>Whether it was deleted. Who still reads from it looks its block up again.</summary>
    public bool IsDeleted { get; private set; }

    /// <summary>Makes an empty segment that outlives a power cut.</summary>
    /// <exception cref="BlockException">The disk is full.</exception>
    /// <exception cref="IOException">It can't be made, or not be flushed.</exception>
    public static SegmentFile Create(string directory, long number, Action<SafeFileHandle> flush)
    {
        string path = System.IO.Path.Combine(
            directory, number.ToString("D12", CultureInfo.InvariantCulture) + Ending);
        SafeFileHandle handle = New(directory, path);
        try
        {
            flush(handle);
            DurableFile.FsyncDirectory(directory);
            return new SegmentFile(number, path, handle, SegmentFormat.FileHeaderSize, SegmentFormat.Version);
        }
        catch
        {
            handle.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Opens a segment that is there.</summary>
    /// <exception cref="IOException">It can't be opened.</exception>
    public static SegmentFile Open(long number, string path)
    {
        SafeFileHandle handle = File.OpenHandle(
            path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        byte[] header = new byte[SegmentFormat.FileHeaderSize];
        uint version = RandomAccess.Read(handle, header, 0) == header.Length ? SegmentFormat.VersionOf(header) : 0;
        return new SegmentFile(number, path, handle, RandomAccess.GetLength(handle), version);
    }

    /// <summary>Writes a record at the end. One at a time.</summary>
    /// <returns>Where it begins.</returns>
    /// <exception cref="BlockException">The disk is full; nothing was written.</exception>
    /// <exception cref="IOException">The disk can't be written.</exception>
    public long Append(byte[] header, ReadOnlyMemory<byte> content)
    {
        long offset = Length;
        try
        {
            RandomAccess.Write(Handle, [header, content], offset);
            Length = offset + header.Length + content.Length;
            return offset;
        }
        catch (IOException e)
        {
            // What was written of it would be found behind the end by the next start.
            RandomAccess.SetLength(Handle, offset);
            if (DiskFull.Is(e))
            {
                throw DiskFull.Of(
                    System.IO.Path.GetDirectoryName(Path)!, $"a block of {content.Length} bytes could not be written",
                    e);
            }

            throw;
        }
    }

    /// <summary>Reads until the buffer is full or the file ends.</summary>
    /// <returns>How many bytes were read.</returns>
    public int Read(Span<byte> buffer, long offset) => Read(Handle, buffer, offset);

    /// <inheritdoc cref="Read(Span{byte}, long)"/>
    public static int Read(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        int done = 0;
        while (done < buffer.Length)
        {
            int read = RandomAccess.Read(file, buffer[done..], offset + done);
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
        Handle.Dispose();
        File.Delete(Path);
    }

    public void Dispose() => Handle.Dispose();

    private static SafeFileHandle New(string directory, string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(
                path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
            RandomAccess.Write(handle, SegmentFormat.NewFileHeader(), 0);
            return handle;
        }
        catch (IOException e)
        {
            if (handle is not null)
            {
                handle.Dispose();
                File.Delete(path);
            }

            if (DiskFull.Is(e))
            {
                throw DiskFull.Of(directory, $"the segment {path} could not be made", e);
            }

            throw;
        }
    }
}
