using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Text;
using Lepton.Core.Hashing;

namespace Lepton.Training.Ranks;

/// <summary>
/// What a rank is at, in a mapped file: it costs no call to write, and the launcher on the same machine reads it when
/// the rank is dead, however it died. Native code that is given what does not fit ends the process on the spot.
/// </summary>
internal sealed class StatePage : IDisposable
{
    /// <summary>The environment variable with the file's path.</summary>
    public const string Variable = "LEPTON_RANK_STATE_FILE";

    private const int PageBytes = 4096;
    private const int HeaderBytes = 8;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte[] _bytes = new byte[PageBytes];

    public StatePage(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, PageBytes);
        _view = _file.CreateViewAccessor();
    }

    public void Write(RankState state)
    {
        ReadOnlySpan<char> text = state.Encode();
        Encoding.UTF8.TryGetBytes(text, _bytes.AsSpan(HeaderBytes), out int length);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes, length);
        BinaryPrimitives.WriteUInt32LittleEndian(
            _bytes.AsSpan(4), Crc32C.Compute(_bytes.AsSpan(HeaderBytes, length)));
        _view.WriteArray(0, _bytes, 0, HeaderBytes + length);
    }

    /// <summary>Reads a rank's page; null where there is none, or where it is just being written.</summary>
    public static RankState? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] bytes = new byte[PageBytes];
        int read = file.ReadAtLeast(bytes, PageBytes, throwOnEndOfStream: false);
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return read == PageBytes && length is > 0 and <= PageBytes - HeaderBytes
            && Crc32C.Compute(bytes.AsSpan(HeaderBytes, length)) == BinaryPrimitives.ReadUInt32LittleEndian(
                bytes.AsSpan(4))
            ? RankState.Decode(Encoding.UTF8.GetString(bytes, HeaderBytes, length))
            : null;
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
