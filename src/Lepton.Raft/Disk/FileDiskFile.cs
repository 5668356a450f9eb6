using Lepton.Core.Durability;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Raft.Disk;

/// <summary>A file of a <see cref="FileDisk"/>. Used by one thread.</summary>
/// <remarks>
/// After a failed write or sync every further call is refused: the system may have dropped the pages that it could not
/// write and then report success, so asking again would prove nothing.
/// </remarks>
public sealed class FileDiskFile : IDiskFile
{
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private bool _failed;

    internal FileDiskFile(SafeFileHandle file, string path)
    {
        _file = file;
        _path = path;
    }

    /// <inheritdoc/>
    public long Length => RandomAccess.GetLength(_file);

    /// <inheritdoc/>
    public int Read(long offset, Span<byte> bytes)
    {
        ThrowIfFailed();
        int done = 0;
        try
        {
            while (done < bytes.Length)
            {
                int read = RandomAccess.Read(_file, bytes[done..], offset + done);
                if (read == 0)
                {
                    break;
                }

                done += read;
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw DiskFaults.Failed(_path, $"read at byte {offset + done}", fault.Message, fault);
        }

        return done;
    }

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        ThrowIfFailed();
        try
        {
            RandomAccess.Write(_file, bytes, offset);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Remember(DiskFaults.Translate(fault, _path, $"written at byte {offset} ({bytes.Length:N0} bytes)"));
        }
    }

    /// <inheritdoc/>
    public void SetLength(long bytes)
    {
        ThrowIfFailed();
        try
        {
            RandomAccess.SetLength(_file, bytes);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Remember(DiskFaults.Translate(fault, _path, $"set to {bytes:N0} bytes"));
        }
    }

    /// <inheritdoc/>
    public void Sync()
    {
        ThrowIfFailed();
        if (OperatingSystem.IsLinux())
        {
            int error = PosixCalls.FlushData(_file);
            if (error != 0)
            {
                // Even for want of space: what was to be written may be gone.
                _failed = true;
                throw DiskFaults.Failed(_path, "flushed", DiskFaults.ReasonOf(error));
            }

            return;
        }

        try
        {
            DurableFile.Fsync(_file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _failed = true;
            throw DiskFaults.Failed(_path, "flushed", fault.Message, fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private IOException Remember(IOException fault)
    {
        _failed |= fault is DiskFailedException;
        return fault;
    }

    private void ThrowIfFailed()
    {
        if (_failed)
        {
            throw new DiskFailedException(
                $"{_path} could not be written or flushed before, and nothing is asked of it any more: a second " +
                "flush that succeeds would not mean that the bytes are on the disk. Restart the node, which " +
                "checks what is there.");
        }
    }
}
