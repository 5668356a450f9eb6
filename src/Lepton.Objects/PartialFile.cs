using System.Text.Json;
using Lepton.Core.Durability;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Objects;

/// <summary>
/// What has come of a long object so far, beside the file that it is to be: <c>.NAME.lepton-partial</c>. Behind the
/// object's bytes it has, until all of them are there, a line of JSON that says of which version they are, and a byte
/// for each part, 1 where the part is on the disk. Thread safe, but for <see cref="Finish"/>.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    /// <summary>What the names of such files end with; they begin with a dot.</summary>
    public const string Suffix = ".lepton-partial";

    private readonly long _bytes;
    private readonly long _marks;
    private readonly bool[] _kept;

    private PartialFile(string path, SafeFileHandle handle, long bytes, long marks, bool[] kept) =>
        (Path, Handle, _bytes, _marks, _kept) = (path, handle, bytes, marks, kept);

    public string Path { get; }

    public SafeFileHandle Handle { get; }

    /// <summary>Whether a part is there already.</summary>
    public bool Has(int part) => _kept[part];

    /// <summary>Where the part file of a file is.</summary>
    public static string PathFor(string final) => System.IO.Path.Combine(
        System.IO.Path.GetDirectoryName(final)!, $".{System.IO.Path.GetFileName(final)}{Suffix}");

    /// <summary>Opens what an earlier attempt left, or makes it anew where that was another version, or none.</summary>
    /// <param name="final">The file that is to be.</param>
    /// <param name="info">The version of the object.</param>
    /// <param name="parts">How many parts it comes in.</param>
    /// <exception cref="IOException">It can't be used, as where another process is at it.</exception>
    public static PartialFile Open(string final, ObjectInfo info, int parts)
    {
        string path = PathFor(final);
        byte[] line = JsonSerializer.SerializeToUtf8Bytes(new
        {
            url = info.Url.ToString(), eTag = info.ETag, bytes = info.Bytes, parts,
        });
        SafeFileHandle handle = OpenHandle(path);
        try
        {
            byte[] trailer = new byte[line.Length + parts];
            bool isSame = RandomAccess.GetLength(handle) == info.Bytes + trailer.Length
                && RandomAccess.Read(handle, trailer, info.Bytes) == trailer.Length
                && trailer.AsSpan(0, line.Length).SequenceEqual(line);
            if (!isSame)
            {
                Array.Clear(trailer);
                line.CopyTo(trailer, 0);
                RandomAccess.SetLength(handle, 0);
                RandomAccess.Write(handle, trailer, info.Bytes);
            }

            return new PartialFile(
                path, handle, info.Bytes, info.Bytes + line.Length,
                [.. trailer[line.Length..].Select(static mark => mark == 1)]);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Says, once its bytes are on the disk, that a part is there.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public void Keep(int part)
    {
        DurableFile.Fsync(Handle);
        RandomAccess.Write(Handle, [1], _marks + part);
    }

    /// <summary>Makes it the file, once all parts are there. It is closed then.</summary>
    /// <exception cref="IOException">The disk fails; what stood there before still does.</exception>
    public void Finish(string final)
    {
        RandomAccess.SetLength(Handle, _bytes);
        if (OperatingSystem.IsWindows())
        {
            // What is open can't be renamed there.
            Dispose();
            DurableFile.ReplaceAtomic(Path, final);
            return;
        }

        // The lock is held until the name is gone: another process would take what is finished for its own to go on
        // with.
        DurableFile.Fsync(Handle);
        File.Move(Path, final, overwrite: true);
        DurableFile.FsyncDirectory(System.IO.Path.GetDirectoryName(final)!);
        Dispose();
    }

    public void Dispose() => Handle.Dispose();

    private static SafeFileHandle OpenHandle(string path)
    {
        try
        {
            while (true)
            {
                SafeFileHandle handle = File.OpenHandle(
                    path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, FileOptions.Asynchronous);
                if (File.Exists(path))
                {
                    return handle;
                }

                // Between the opening and the lock another process has finished it.
                handle.Dispose();
            }
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new IOException(
                $"{path} can't be used: {e.Message.TrimEnd('.')}. It is where a download goes on that was " +
                "interrupted: wait for the other one that is at it, or delete it.",
                e);
        }
    }
}
