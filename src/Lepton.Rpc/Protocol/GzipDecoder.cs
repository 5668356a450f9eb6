using System.Buffers;
using System.IO.Compression;

namespace Lepton.Rpc.Protocol;

/// <summary>Unpacks gzipped messages and stops at a limit, so that a small frame can't fill the memory.</summary>
internal static class GzipDecoder
{
    private const int ChunkBytes = 16 * 1024;

    /// <summary>Unpacks a message; null where it is larger than <paramref name="bytesMax"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are no gzip stream.</exception>
    public static ReadOnlyMemory<byte>? Decode(in ReadOnlySequence<byte> packed, int bytesMax)
    {
        using MemoryStream source = new(packed.ToArray(), writable: false);
        using GZipStream gzip = new(source, CompressionMode.Decompress);
        ArrayBufferWriter<byte> result = new();
        while (true)
        {
            int read = gzip.Read(result.GetSpan(ChunkBytes));
            if (read == 0)
            {
                return result.WrittenMemory;
            }

            result.Advance(read);
            if (result.WrittenCount > bytesMax)
            {
                return null;
            }
        }
    }
}
