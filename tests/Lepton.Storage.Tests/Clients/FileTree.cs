using System.Buffers.Binary;
using System.Globalization;

namespace Lepton.Storage.Tests.Clients;

/// <summary>A tree of small files and a large one, and what has come back of it.</summary>
internal sealed class FileTree(TestFolder folder)
{
    /// <summary>Of the small files.</summary>
    public const int SmallFiles = 1000;

    private const int FillBytes = 1 << 20;

    public string Source => folder.Child("source");

    public string Back => folder.Child("back");

    /// <summary>The large file's name.</summary>
    public static string Large => "large.bin";

    /// <summary>Writes all files. No two pieces of a megabyte are alike, so that a store has to keep each.</summary>
    /// <param name="largeBytes">Of the large one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task WriteAsync(long largeBytes, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Back);
        for (int i = 0; i < SmallFiles; i++)
        {
            string path = Path.Combine(
                Source, string.Create(CultureInfo.InvariantCulture, $"dir {i % 7}"),
                string.Create(CultureInfo.InvariantCulture, $"f+{i}.bin"));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, Pattern.Of(i * 37, (ulong)i), cancellationToken);
        }

        byte[] fill = Pattern.Of(FillBytes, 99);
        await using FileStream large = new(Path.Combine(Source, Large), FileMode.CreateNew);
        for (long written = 0; written < largeBytes; written += fill.Length)
        {
            BinaryPrimitives.WriteInt64LittleEndian(fill, written);
            await large.WriteAsync(
                fill.AsMemory(0, (int)Math.Min(fill.Length, largeBytes - written)), cancellationToken);
        }

        large.Close();

        // S3 tells whole seconds, so that a file of the same second would be newer than its object.
        foreach (string file in Directory.EnumerateFiles(Source, "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddMinutes(-1));
        }
    }

    /// <summary>Sees that what has come back is what was written.</summary>
    public async Task AssertSameAsync(CancellationToken cancellationToken)
    {
        string[] files = [.. Files(Source)];
        Assert.Equal(files, Files(Back));
        foreach (string file in files)
        {
            await AssertSameAsync(Path.Combine(Source, file), Path.Combine(Back, file), cancellationToken);
        }
    }

    private static IEnumerable<string> Files(string folder) => Directory
        .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal);

    private static async Task AssertSameAsync(string expected, string found, CancellationToken cancellationToken)
    {
        await using FileStream one = File.OpenRead(expected);
        await using FileStream other = File.OpenRead(found);
        Assert.Equal(one.Length, other.Length);
        byte[] left = new byte[FillBytes];
        byte[] right = new byte[FillBytes];
        int read;
        while ((read = await one.ReadAtLeastAsync(left, left.Length, throwOnEndOfStream: false, cancellationToken)) > 0)
        {
            await other.ReadExactlyAsync(right.AsMemory(0, read), cancellationToken);
            Assert.True(left.AsSpan(0, read).SequenceEqual(right.AsSpan(0, read)), $"{found} has other bytes.");
        }
    }
}
