using FsCheck.Fluent;
using Lepton.Compute.Shuffle;
using Lepton.Compute.Tests.Execution;
using Lepton.Compute.Tests.Faults;
using Lepton.Core.Records;

namespace Lepton.Compute.Tests.Shuffle;

public sealed class PartitionedFileTests : IDisposable
{
    private readonly TaskBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Read_AnyRecordsInAnyPartitions_GivesEachPartitionInOrder() =>
        Prop.ForAll<(byte Partition, string? Text)[], byte>((records, count) =>
        {
            int partitions = count + 1;
            string path = _bench.PathOf("any");
            Write(path, partitions, [.. records.Select(record => (record.Partition % partitions, record.Text))]);
            return Enumerable.Range(0, partitions).All(partition => Read(path, partition).SequenceEqual(
                records.Where(record => record.Partition % partitions == partition).Select(record => record.Text)));
        }).Holds();

    [Fact]
    public void Read_ManyBlocks_GivesAll()
    {
        string path = _bench.PathOf("blocks");
        (int, string?)[] records = [.. Enumerable.Range(0, 30_000).Select(i => (i * i % 7, (string?)$"record {i}"))];
        Write(path, 7, records);
        for (int partition = 0; partition < 7; partition++)
        {
            using var reader = new PartitionedFileReader(path, partition);
            Assert.Equal(partition is 0 or 1 or 2 or 4, reader.Blocks().Count() > 1);
            Assert.Equal(records.Where(r => r.Item1 == partition).Select(r => r.Item2), Read(path, partition));
        }
    }

    [Fact]
    public void Dispose_DiskIsFull_LeavesNoFile()
    {
        using TinyDisk disk = TinyDisk.Mount(megabytes: 1);
        string path = Path.Combine(disk.Path, "cut");
        RecordCodec<string> codec = RecordCodec.For<string>();
        Assert.ThrowsAny<IOException>(() =>
        {
            using var writer = new PartitionedFileWriter(path, 3, memoryBytes: 1 << 14);
            for (int i = 0; i < 100_000; i++)
            {
                writer.Write(i % 3, codec, $"record {i} of those that do not fit");
            }
        });
        Assert.Empty(Directory.GetFileSystemEntries(disk.Path));
    }

    [Fact]
    public void Read_RecordLargerThanABlock_GivesIt()
    {
        string path = _bench.PathOf("large");
        string large = new('x', 3_000_000);
        Write(path, 2, [(1, large), (1, "small"), (0, null)]);
        Assert.Equal((string?[])[large, "small"], Read(path, 1).AsEnumerable());
        Assert.Equal((string?[])[null], Read(path, 0).AsEnumerable());
    }

    [Fact]
    public void Read_TruncatedAtAnyByte_Throws()
    {
        string path = Small();
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            CorruptRecordException damaged = Assert.Throws<CorruptRecordException>(() => Read(path, 0));
            Assert.Equal($"{path} is not a complete shuffle file.", damaged.Message);
        }
    }

    [Fact]
    public void Read_AnyBitFlipped_ThrowsOrGivesTheSame()
    {
        string path = Small();
        byte[] whole = File.ReadAllBytes(path);
        string?[][] expected = [Read(path, 0), Read(path, 1), Read(path, 2)];
        int refused = 0;
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(path, flipped);
            for (int partition = 0; partition < 3; partition++)
            {
                string?[]? read = TryRead(path, partition);
                refused += read is null ? 1 : 0;
                Assert.True(read is null || read.SequenceEqual(expected[partition]),
                    $"bit {bit}, partition {partition}");
            }
        }

        Assert.True(refused >= whole.Length * 8);
    }

    [Fact]
    public void Read_DamagedBlock_SaysWhere()
    {
        string path = Small();
        byte[] whole = File.ReadAllBytes(path);
        whole[9] ^= 1;
        File.WriteAllBytes(path, whole);
        CorruptRecordException damaged = Assert.Throws<CorruptRecordException>(() => Read(path, 0));
        Assert.Equal($"{path}: the block at byte 0 is damaged (its checksum does not match).", damaged.Message);
    }

    [Fact]
    public void Open_NoSuchFile_Throws() =>
        Assert.Throws<FileNotFoundException>(() => new PartitionedFileReader(_bench.PathOf("none"), 0));

    [Fact]
    public void Dispose_NotCompleted_DeletesTheFile()
    {
        using (var writer = new PartitionedFileWriter(_bench.PathOf("half"), 1, 1000))
        {
            writer.Write(0, RecordCodec.For<string>(), "text");
        }

        Assert.Empty(_bench.Files);
    }

    [Fact]
    public async Task CopyToAsync_GivesBlocksThatCanBeChecked()
    {
        string path = Small();
        using var reader = new PartitionedFileReader(path, 2);
        using var copy = new MemoryStream();
        await reader.CopyToAsync(copy, TestContext.Current.CancellationToken);
        Assert.Equal(reader.TotalBytes, copy.Length);
        ReadOnlyMemory<byte> payload = PartitionedFileReader.CheckBlock(copy.ToArray(), path, 0);
        Assert.Equal(reader.Blocks().Single().ToArray(), payload.ToArray());
    }

    [Fact]
    public void RecordFile_SourceThrows_LeavesNoFile()
    {
        Assert.Throws<InvalidOperationException>(() => RecordFile.Write(_bench.PathOf("run"), Broken()));
        Assert.Empty(_bench.Files);

        static IEnumerable<int> Broken()
        {
            yield return 1;
            throw new InvalidOperationException("no more");
        }
    }

    [Fact]
    public void RecordFile_Read_GivesWhatWasWritten()
    {
        int[] records = [.. Enumerable.Range(0, 300_000)];
        Assert.Equal(records.Length, RecordFile.Write(_bench.PathOf("run"), records));
        Assert.Equal(records, RecordFile.Read<int>(_bench.PathOf("run")));
    }

    private string Small()
    {
        string path = _bench.PathOf("small");
        Write(path, 3, [(0, "zero"), (2, "two"), (0, null), (2, "zwei")]);
        return path;
    }

    private static void Write(string path, int partitions, (int Partition, string? Text)[] records)
    {
        using var writer = new PartitionedFileWriter(path, partitions, 1000);
        RecordCodec<string?> codec = RecordCodec.For<string?>();
        foreach ((int partition, string? text) in records)
        {
            writer.Write(partition, codec, text);
        }

        writer.Complete();
        Assert.Equal(records.Length, writer.Records);
        Assert.Equal(new FileInfo(path).Length, writer.BytesWritten);
    }

    private static string?[]? TryRead(string path, int partition)
    {
        try
        {
            return Read(path, partition);
        }
        catch (CorruptRecordException)
        {
            return null;
        }
    }

    private static string?[] Read(string path, int partition)
    {
        RecordCodec<string?> codec = RecordCodec.For<string?>();
        var read = new List<string?>();
        using var reader = new PartitionedFileReader(path, partition);
        foreach (ReadOnlyMemory<byte> block in reader.Blocks())
        {
            var records = new RecordReader(block.Span);
            while (!records.End)
            {
                read.Add(codec.Read(ref records));
            }
        }

        return [.. read];
    }
}
