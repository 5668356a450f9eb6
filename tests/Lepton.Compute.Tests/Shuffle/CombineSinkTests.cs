using Lepton.Compute.Execution;
using Lepton.Compute.Formats;
using Lepton.Compute.Shuffle;
using Lepton.Compute.Tests.Execution;
using Lepton.Core.Randomness;
using Lepton.Core.Records;

namespace Lepton.Compute.Tests.Shuffle;

public sealed class CombineSinkTests
{
    private const int Records = 20_000;

    [Theory]
    [InlineData(1, true)]
    [InlineData(20_000, true)]
    [InlineData(1 << 30, true)]
    [InlineData(20_000, false)]
    public void AddRange_TextsAndAnyMemory_CountsEachRecordOnce(long operatorBytes, bool isRange)
    {
        // Few and many words, of 1 to 40 bytes, in pieces that are no multiple of a batch.
        var random = new SeededRandom(3);
        Utf8Text[] texts = [.. Enumerable.Range(0, Records).Select(_ =>
        {
            int number = random.NextInt32(random.NextInt32(2) == 0 ? 50 : 5_000);
            return new Utf8Text(number + new string('x', number % 37));
        })];
        Dictionary<string, long> expected = texts.CountBy(text => text.ToString())
            .ToDictionary(pair => pair.Key, pair => (long)pair.Value);
        using var bench = new TaskBench(operatorBytes);
        List<KeyValuePair<Utf8Text, long>> written = Run(bench, sink =>
        {
            for (int start = 0; start < texts.Length; start += 100)
            {
                Feed(sink, texts.AsSpan(start, Math.Min(100, texts.Length - start)), isRange);
            }
        });
        Assert.Equal(expected, written.GroupBy(pair => pair.Key.ToString())
            .ToDictionary(group => group.Key, group => group.Sum(pair => pair.Value)));
        Assert.Equal(operatorBytes == 1 << 30, written.Count == expected.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AddSlices_WordsOfAChunk_CountsAsAddDoes(bool keyIsRecord)
    {
        var random = new SeededRandom(5);
        var text = new Utf8Text(string.Join(' ', Enumerable.Range(0, Records).Select(_ =>
        {
            int number = random.NextInt32(random.NextInt32(2) == 0 ? 50 : 5_000);
            return number + new string('x', number % 37);
        })));
        Func<Utf8Text, Utf8Text> key = keyIsRecord ? word => word : word => word.Slice(0, 1);
        using var bench = new TaskBench(1 << 30);
        List<KeyValuePair<Utf8Text, long>> expected = Run(bench, sink => sink.AddRange(text.Split()), key);
        List<KeyValuePair<Utf8Text, long>> written = Run(
            bench,
            sink =>
            {
                var slices = (ITextSliceSink)sink;
                Assert.True(slices.TakesSlices);

                // Only where no code of the user's has seen a text can nobody have kept it.
                Assert.Equal(keyIsRecord, slices.LetsGoOfChunks);
                byte[] chunk = [.. text.Chunk];
                var room = new TextSlice[500];
                Utf8Words words = text.Words();
                for (int count = words.Read(room); count > 0; count = words.Read(room))
                {
                    slices.AddSlices(chunk, room.AsSpan(0, count));
                }

                if (slices.LetsGoOfChunks)
                {
                    chunk.AsSpan().Clear();
                }
            },
            key);
        Assert.Equal(expected, written);
    }

    [Fact]
    public void AddRange_KeysThatHardlyRepeat_PassesThemOnUnfolded()
    {
        Utf8Text[] texts = [.. Enumerable.Range(0, 50_000).Select(i => new Utf8Text($"{i % 49_000}"))];
        using var bench = new TaskBench(1 << 30);
        List<KeyValuePair<Utf8Text, long>> written = Run(bench, sink => sink.AddRange(texts));
        Assert.Equal(50_000, written.Count);
        Assert.Equal(50_000, written.Sum(pair => pair.Value));
    }

    private static void Feed(ShuffleSink<Utf8Text> sink, ReadOnlySpan<Utf8Text> texts, bool isRange)
    {
        if (isRange)
        {
            sink.AddRange(texts);
            return;
        }

        foreach (Utf8Text text in texts)
        {
            sink.Add(text);
        }
    }

    private static List<KeyValuePair<Utf8Text, long>> Run(
        TaskBench bench, Action<ShuffleSink<Utf8Text>> feed, Func<Utf8Text, Utf8Text>? key = null)
    {
        TaskContext task = bench.Task();
        using var writer = new PartitionedFileWriter(bench.PathOf("out"), 1, 1 << 20);
        var mapper = new CombineMapper<Utf8Text, Utf8Text, long, CountFold<Utf8Text, Utf8Text>>(
            new CountFold<Utf8Text, Utf8Text>(key ?? (text => text)), 1);
        using (ShuffleSink<Utf8Text> sink = mapper.Open(writer, task))
        {
            feed(sink);
            sink.Complete();
        }

        writer.Complete();
        return Read(bench.PathOf("out"));
    }

    private static List<KeyValuePair<Utf8Text, long>> Read(string path)
    {
        var records = new List<KeyValuePair<Utf8Text, long>>();
        RecordCodec<KeyValuePair<Utf8Text, long>> codec = RecordCodec.For<KeyValuePair<Utf8Text, long>>();
        using var file = new PartitionedFileReader(path, 0);
        foreach (ReadOnlyMemory<byte> block in file.Blocks())
        {
            var reader = new RecordReader(block.Span);
            while (!reader.End)
            {
                records.Add(codec.Read(ref reader));
            }
        }

        return records;
    }
}
