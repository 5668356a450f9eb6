using System.Buffers.Binary;
using System.Text.Json;
using Lepton.Core;
using Lepton.Core.Hashing;

namespace Lepton.Compute.Replay;

/// <summary>
/// Writes a bundle under another name and gives it its own when it is whole. It is not flushed to the disk: a failing
/// job must not wait for that, and the checksums tell should a power cut damage it. Not thread safe.
/// </summary>
internal sealed class ReplayBundleWriter : IDisposable
{
    private readonly string _path;
    private readonly string _partial;
    private readonly FileStream _file;
    private readonly long _bytesMax;
    private long _written;
    private bool _completed;

    /// <summary>
    /// Starts a bundle of at most <paramref name="bytesMax"/> bytes of content. Only the user may read it: it holds
    /// data.
    /// </summary>
    public ReplayBundleWriter(string path, long bytesMax)
    {
        _path = path;
        _partial = path + ".partial";
        _bytesMax = bytesMax;
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            BufferSize = 1 << 16,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        _file = new FileStream(_partial, options);
        _file.Write(Header());
    }

    /// <summary>Where the next block starts.</summary>
    public long Position => _file.Position;

    /// <summary>Room for content that is left.</summary>
    public long BytesLeft => _bytesMax - _written;

    /// <summary>Appends a block; false, and nothing written, where it has no room.</summary>
    public bool TryWrite(ReadOnlySpan<byte> block)
    {
        if (block.Length > BytesLeft)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[ReplayFormat.BlockHeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)block.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], Crc32C.Compute(block));
        _file.Write(header);
        _file.Write(block);
        _written += block.Length;
        return true;
    }

    /// <summary>Appends the manifest and gives the file its name.</summary>
    public void Complete(ReplayManifest manifest)
    {
        Invariant.Check(!_completed);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(manifest, ReplayManifestJson.Default.ReplayManifest);
        Span<byte> footer = stackalloc byte[ReplayFormat.FooterBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(footer, (uint)json.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[4..], Crc32C.Compute(json, Crc32C.Compute(Header())));
        BinaryPrimitives.WriteUInt32LittleEndian(footer[8..], ReplayFormat.EndMark);
        _file.Write(json);
        _file.Write(footer);
        _file.Dispose();
        File.Move(_partial, _path, overwrite: true);
        _completed = true;
    }

    /// <summary>Closes the file; deletes it when it was not completed.</summary>
    public void Dispose()
    {
        try
        {
            _file.Dispose();
        }
        finally
        {
            if (!_completed)
            {
                File.Delete(_partial);
            }
        }
    }

    private static byte[] Header()
    {
        byte[] header = new byte[ReplayFormat.HeaderBytes];
        ReplayFormat.Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), ReplayFormat.Version);
        return header;
    }
}
