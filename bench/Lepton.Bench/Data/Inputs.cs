using System.Globalization;
using System.IO.Compression;

namespace Lepton.Bench.Data;

/// <summary>Makes the input files once and keeps them for later runs.</summary>
internal sealed class Inputs(string directory, string repository)
{
    public const int RecordBytes = 100;
    public const int KeyBytes = 10;

    // Printable and not blank: GNU sort takes a blank for the end of a field, and the key is its first ten characters.
    private const byte KeyFirst = (byte)'!';
    private const ulong KeyKinds = '~' - '!' + 1;

    public string BiblePath(long bytes) => Path.Combine(directory, $"bible-{bytes}.txt");

    public string RecordsPath(long count) => Path.Combine(directory, $"records-{count}.txt");

    /// <summary>The King James Bible, over and over, up to so many bytes (rounded up to a whole copy).</summary>
    public string Bible(long bytes) => Make(BiblePath(bytes), stream =>
    {
        using var packed = new GZipStream(
            File.OpenRead(Path.Combine(repository, "samples", "data", "kjv.txt.gz")), CompressionMode.Decompress);
        using var copy = new MemoryStream();
        packed.CopyTo(copy);
        for (long written = 0; written < bytes; written += copy.Length)
        {
            stream.Write(copy.GetBuffer(), 0, (int)copy.Length);
        }
    });

    /// <summary>
    /// Records of 100 bytes with their line feed: a random key of ten printable characters, the number, and filling.
    /// </summary>
    public string Records(long count) => Make(RecordsPath(count), stream =>
    {
        byte[] record = new byte[RecordBytes];
        record.AsSpan().Fill((byte)'.');
        record[^1] = (byte)'\n';
        for (long i = 0; i < count; i++)
        {
            WriteKey(record, (ulong)i);
            i.TryFormat(record.AsSpan(KeyBytes), out int digits, "d20", CultureInfo.InvariantCulture);
            record[KeyBytes + digits] = (byte)' ';
            stream.Write(record);
        }
    });

    private static void WriteKey(Span<byte> record, ulong index)
    {
        // 64 bits are too few for ten characters of 94 kinds, so each half has a draw of its own.
        for (int half = 0; half < KeyBytes; half += KeyBytes / 2)
        {
            ulong random = SplitMix.Of(half == 0 ? index : ~index);
            for (int i = half; i < half + (KeyBytes / 2); i++)
            {
                record[i] = (byte)(KeyFirst + (random % KeyKinds));
                random /= KeyKinds;
            }
        }
    }

    private string Make(string path, Action<Stream> write)
    {
        if (File.Exists(path))
        {
            return path;
        }

        Directory.CreateDirectory(directory);
        using (var stream = new FileStream(path + ".new", FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
        {
            write(stream);
        }

        File.Move(path + ".new", path);
        return path;
    }
}
