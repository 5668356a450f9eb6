using System.Buffers.Binary;
using System.Text.Json;
using Lepton.Core.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Compute.Replay;

/// <summary>Reads a bundle. Every byte that it gives was checked.</summary>
internal sealed class ReplayBundle : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly long _length;
    private readonly long _blocksEnd;

    private ReplayBundle(SafeFileHandle file, string path)
    {
        _file = file;
        _path = path;
        _length = RandomAccess.GetLength(file);
        uint header = CheckHeader();
        (Manifest, _blocksEnd) = ReadManifest(header);
    }

    public ReplayManifest Manifest { get; }

    /// <exception cref="ReplayException">It is not there, no bundle, damaged, or of another format.</exception>
    public static ReplayBundle Open(string path)
    {
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, options: FileOptions.None);
            return new ReplayBundle(file, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new ReplayException(
                $"The replay bundle '{path}' can't be read: {e.Message} It must be a file that you may read; run the " +
                "job " +
                "again to get a new one.", e);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>The content of a part that is one block, or none.</summary>
    public byte[] ReadWhole(ReplayPart part) => Blocks(part).SingleOrDefault() ?? [];

    /// <summary>The blocks of a part, in order.</summary>
    public IEnumerable<byte[]> Blocks(ReplayPart part)
    {
        long offset = part.Offset;
        for (int i = 0; i < part.Blocks; i++)
        {
            byte[] block = ReadBlock(offset);
            offset += ReplayFormat.BlockHeaderBytes + block.Length;
            yield return block;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private uint CheckHeader()
    {
        Span<byte> header = stackalloc byte[ReplayFormat.HeaderBytes];
        if (_length < ReplayFormat.HeaderBytes + ReplayFormat.FooterBytes || !TryRead(header, 0)
            || !header.StartsWith(ReplayFormat.Magic))
        {
            throw new ReplayException(
                $"'{_path}' is not a replay bundle: it does not start with " +
                $"{System.Text.Encoding.ASCII.GetString(ReplayFormat.Magic)}. " +
                "Replay takes the path of the event log and a task: lepton replay LOG STAGE/PARTITION.");
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        return version == ReplayFormat.Version
            ? Crc32C.Compute(header)
            : throw new ReplayException(
                $"'{_path}' is a replay bundle of format {version}, and this Lepton reads format " +
                $"{ReplayFormat.Version}. Replay it " +
                "with the version of Lepton that ran the job.");
    }

    private (ReplayManifest Manifest, long Start) ReadManifest(uint headerChecksum)
    {
        Span<byte> footer = stackalloc byte[ReplayFormat.FooterBytes];
        long end = _length - footer.Length;
        if (!TryRead(footer, end) || BinaryPrimitives.ReadUInt32LittleEndian(footer[8..]) != ReplayFormat.EndMark)
        {
            throw Damaged("it is cut off: the end mark is missing");
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(footer);
        if (length > end - ReplayFormat.HeaderBytes)
        {
            throw Damaged("its manifest is longer than the file");
        }

        byte[] json = new byte[length];
        if (!TryRead(json, end - length)
            || Crc32C.Compute(json, headerChecksum) != BinaryPrimitives.ReadUInt32LittleEndian(footer[4..]))
        {
            throw Damaged("the checksum of its manifest does not match");
        }

        try
        {
            ReplayManifest manifest = JsonSerializer.Deserialize(json, ReplayManifestJson.Default.ReplayManifest)
                ?? throw Damaged("its manifest is null");
            return (manifest, end - length);
        }
        catch (JsonException e)
        {
            throw Damaged($"its manifest can't be understood ({e.Message})");
        }
    }

    private byte[] ReadBlock(long offset)
    {
        Span<byte> header = stackalloc byte[ReplayFormat.BlockHeaderBytes];
        if (offset < ReplayFormat.HeaderBytes || offset + header.Length > _blocksEnd || !TryRead(header, offset))
        {
            throw Damaged($"no block starts at byte {offset:N0}");
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (length > _blocksEnd - offset - header.Length)
        {
            throw Damaged($"the block at byte {offset:N0} is longer than the file");
        }

        byte[] block = new byte[length];
        return TryRead(block, offset + header.Length)
            && Crc32C.Compute(block) == BinaryPrimitives.ReadUInt32LittleEndian(header[4..])
            ? block
            : throw Damaged($"the checksum of the block at byte {offset:N0} does not match");
    }

    private bool TryRead(Span<byte> target, long offset)
    {
        while (!target.IsEmpty)
        {
            int read = RandomAccess.Read(_file, target, offset);
            if (read == 0)
            {
                return false;
            }

            target = target[read..];
            offset += read;
        }

        return true;
    }

    private ReplayException Damaged(string how) =>
        new($"The replay bundle '{_path}' is damaged: {how}. Run the job again to get a new one.");
}
