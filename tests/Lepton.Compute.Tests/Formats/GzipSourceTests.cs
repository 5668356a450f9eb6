using System.IO.Compression;
using System.Text;
using Lepton.Compute.Formats;
using Lepton.Core.Randomness;

namespace Lepton.Compute.Tests.Formats;

/// <summary>A damaged gzip file is refused, and never gives a byte that is not in the data.</summary>
public sealed class GzipSourceTests : IDisposable
{
    private readonly TempFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Read_CutAnywhere_GivesOnlyWhatIsThereAndThenRefuses()
    {
        (byte[] file, byte[] content, Dictionary<int, int> borders) = Several();
        for (int length = 0; length <= file.Length; length++)
        {
            string path = _files.Write("cut.txt.gz", file[..length]);
            (byte[] given, UnreadableFileException? error) = ReadAll(path, bufferBytes: 1 + (length % 97));
            Assert.True(content.AsSpan().StartsWith(given), $"cut at {length}: bytes were made up");
            if (borders.TryGetValue(length, out int bytes))
            {
                Assert.Null(error);
                Assert.Equal(bytes, given.Length);
                continue;
            }

            Assert.NotNull(error);
            Assert.Equal(path, error.Path);
            Assert.Matches(
                $"^{path} is a truncated or corrupt gzip file: at or before byte {length}, of {length}, .*\\. " +
                $"{given.Length} bytes could be decompressed\\. Get the file anew from where it came from and check " +
                "it with 'gzip -t', or drop '.gz' from its name if it is plain text\\.$",
                error.Message);
        }
    }

    [Fact]
    public void Read_CutInTheBody_GivesTheRowsBeforeTheCut()
    {
        string[] rows = [.. Enumerable.Range(0, 20_000).Select(i => $"row {i * 7919 % 20_000}")];
        byte[] file = Member(Encoding.UTF8.GetBytes(string.Join('\n', rows)), CompressionLevel.Optimal);
        string path = _files.Write("rows.gz", file[..(file.Length / 2)]);
        var read = new List<string>();
        Assert.Throws<UnreadableFileException>(() =>
        {
            foreach (string line in TextLines.ReadLines(new SourceFile(path, 1).Whole, CancellationToken.None))
            {
                read.Add(line);
            }
        });
        Assert.InRange(read.Count, 8_000, 12_000);
        Assert.Equal(rows[..read.Count], read);
    }

    [Fact]
    public void Read_AnyBitFlipped_RefusesOrGivesTheSame()
    {
        (byte[] file, byte[] content, _) = Several();
        for (int bit = 0; bit < file.Length * 8; bit += 11)
        {
            byte[] damaged = [.. file];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            string path = _files.Write("damaged.gz", damaged);
            (byte[] given, UnreadableFileException? error) = ReadAll(path, bufferBytes: 4096);
            if (error is null)
            {
                Assert.Equal(content, given);
            }
            else
            {
                Assert.StartsWith($"{path} is a truncated or corrupt gzip file: at or before byte ", error.Message,
                    StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Read_SealAsData_IsData()
    {
        byte[] content = "the end of the file, and nothing but the end of the file"u8.ToArray();
        byte[] file = Member(content, CompressionLevel.Optimal);
        (byte[] given, UnreadableFileException? error) = ReadAll(_files.Write("seal.gz", [.. file, .. file]), 10);
        Assert.Null(error);
        Assert.Equal([.. content, .. content], given);
        (given, error) = ReadAll(_files.Write("cut.gz", [.. file, .. file[..^1]]), 10);
        Assert.NotNull(error);
        Assert.Equal([.. content, .. content], given);
    }

    private static (byte[] Given, UnreadableFileException? Error) ReadAll(string path, int bufferBytes)
    {
        using var given = new MemoryStream();
        byte[] buffer = new byte[bufferBytes];
        using var source = new GzipSource(path, File.OpenRead(path));
        try
        {
            while (source.Read(buffer) is var read and > 0)
            {
                given.Write(buffer, 0, read);
            }

            Assert.Equal(0, source.Read(buffer));
            return (given.ToArray(), null);
        }
        catch (UnreadableFileException e)
        {
            return (given.ToArray(), e);
        }
    }

    /// <summary>Members of every kind, with what they hold, and how much that is at the end of each.</summary>
    private static (byte[] File, byte[] Content, Dictionary<int, int> Borders) Several()
    {
        var random = new SeededRandom(5);
        byte[] noise = [.. Enumerable.Range(0, 300).Select(_ => (byte)random.NextInt32(256))];
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 60).Select(i => $"line {i}\n")));
        (byte[] Content, byte[] Member)[] members =
        [
            (text, Member(text, CompressionLevel.Optimal)),
            (noise, Member(noise, CompressionLevel.NoCompression)),
            ([], Member([], CompressionLevel.Optimal)),
            (text, Named(Member(text, CompressionLevel.Fastest))),
            ("a"u8.ToArray(), Member("a"u8.ToArray(), CompressionLevel.Fastest)),
        ];
        var file = new List<byte>();
        var content = new List<byte>();
        var borders = new Dictionary<int, int> { [0] = 0 };
        foreach ((byte[] holds, byte[] member) in members)
        {
            file.AddRange(member);
            content.AddRange(holds);
            borders[file.Count] = content.Count;
        }

        return ([.. file], [.. content], borders);
    }

    /// <summary>With an extra field, a file's name and a comment in its header.</summary>
    private static byte[] Named(byte[] member)
    {
        byte[] header = [.. member[..10]];
        header[3] = 4 | 8 | 16;
        return [.. header, 4, 0, 0x1f, 0x8b, 8, 0, .. "name.txt\0"u8, .. "made by hand\0"u8, .. member[10..]];
    }

    private static byte[] Member(byte[] content, CompressionLevel level)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, level, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return compressed.ToArray();
    }
}
