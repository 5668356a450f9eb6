using System.Buffers.Binary;
using System.IO.Compression;
using Lepton.Torch;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Data;

/// <summary>The format of the MNIST files: a magic number, the sizes, then the elements, big-endian.</summary>
public static class IdxFile
{
    private const byte UnsignedBytes = 0x08;
    private const int DimensionsMax = 8;

    /// <summary>Reads a file of bytes, gzip-compressed where its name ends in <c>.gz</c>.</summary>
    /// <returns>A uint8 tensor of the file's shape; the caller's.</returns>
    /// <exception cref="InvalidDataException">It is no such file, or a damaged one.</exception>
    public static Tensor Read(string path)
    {
        using Stream stream = Open(path);
        byte[] start = new byte[4];
        ReadFully(stream, start, path);
        if (start[0] != 0 || start[1] != 0 || start[2] != UnsignedBytes || start[3] is 0 or > DimensionsMax)
        {
            throw new InvalidDataException(
                $"{path} begins with {Convert.ToHexString(start)}; an IDX file of bytes begins with 0000080N, N the " +
                "number of dimensions. Get the file again from where it comes from.");
        }

        var shape = new long[start[3]];
        byte[] size = new byte[4];
        long count = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            ReadFully(stream, size, path);
            shape[i] = BinaryPrimitives.ReadUInt32BigEndian(size);
            count *= shape[i];
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count, int.MaxValue, path);
        }

        byte[] elements = new byte[count];
        ReadFully(stream, elements, path);
        return stream.ReadByte() < 0
            ? From<byte>(elements, shape)
            : throw new InvalidDataException($"{path} goes on behind its {count} elements. Get the file again.");
    }

    private static Stream Open(string path)
    {
        FileStream file = File.OpenRead(path);
        return path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            ? new GZipStream(file, CompressionMode.Decompress)
            : file;
    }

    private static void ReadFully(Stream stream, byte[] target, string path)
    {
        int read = stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        if (read < target.Length)
        {
            throw new InvalidDataException($"{path} is cut off: {target.Length - read} bytes are missing.");
        }
    }
}
