using Lepton.Compute.Datasets;
using Lepton.Compute.Execution;
using Lepton.Compute.Plans;
using Lepton.Compute.Protocol;
using Lepton.Compute.Shuffle;
using Lepton.Compute.Tests.Execution;
using Lepton.Core.Records;

namespace Lepton.Compute.Tests.Shuffle;

/// <summary>Null keys of joins: often a large share of the records, and never with a partner.</summary>
public sealed class JoinNodeTests : IDisposable
{
    private const int Partitions = 4;
    private const int Rows = 40_000;
    private static readonly string s_padding = new('x', 100);
    private readonly TaskBench _bench = new(operatorBytes: 1 << 20);

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(JoinKind.Inner, 0)]
    [InlineData(JoinKind.Left, Rows)]
    [InlineData(JoinKind.Full, 2 * Rows)]
    internal void Compute_NullKeysPastTheMemory_AreGivenWithoutBeingHeld(JoinKind kind, int lonely)
    {
        string?[] side = [.. Enumerable.Repeat<string?>(null, Rows), "key"];
        TaskContext task = _bench.Task(inputs: [Written(1, side), Written(2, side)]);
        var node = new JoinNode<Record, Record, string?, (bool, bool)>(
            Edge(1), Edge(2), record => record.Key, record => record.Key,
            (left, right) => (left.Text is not null, right.Text is not null), kind, partitions: 1);

        (bool, bool)[] rows = [.. node.Compute(0, task)];

        Assert.Equal((lonely, 1), (rows.Length - 1, rows.Count(row => row == (true, true))));
        Assert.Equal(0, task.Metrics.SpilledBytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Add_NullKeys_AreDealtOutOrLeftOut(bool keeps)
    {
        var mapper = new JoinMapper<Record, string?>(record => record.Key, Partitions, keeps);
        string path = _bench.PathOf("output");
        using (var output = new PartitionedFileWriter(path, Partitions, 1 << 20))
        {
            using ShuffleSink<Record> sink = mapper.Open(output, _bench.Task(partition: 2));
            for (int i = 0; i < 5 * Partitions; i++)
            {
                sink.Add(new Record(null, "text"));
            }

            sink.Complete();
            output.Complete();
        }

        Assert.All(Enumerable.Range(0, Partitions), partition => Assert.Equal(keeps ? 5 : 0, CountOf(path, partition)));
    }

    private static int CountOf(string path, int partition)
    {
        using var reader = new PartitionedFileReader(path, partition);
        RecordCodec<Record> codec = RecordCodec.For<Record>();
        int count = 0;
        foreach (ReadOnlyMemory<byte> block in reader.Blocks())
        {
            var records = new RecordReader(block.Span);
            while (!records.End)
            {
                codec.Read(ref records);
                count++;
            }
        }

        return count;
    }

    private static ShuffleEdge<Record> Edge(int shuffle) =>
        new(shuffle, new GenerateNode<Record>(1, _ => []), _ => new RoundRobinMapper<Record>(1));

    private ShuffleLocations Written(int shuffle, string?[] keys)
    {
        using var writer = new PartitionedFileWriter(_bench.PathOf($"shuffle{shuffle}"), 1, 1 << 20);
        foreach (string? key in keys)
        {
            writer.Write(0, RecordCodec.For<Record>(), new Record(key, s_padding));
        }

        writer.Complete();
        var locations = new ShuffleLocations { Shuffle = shuffle };
        locations.Outputs.Add(new OutputLocation { Worker = "w9", Path = writer.Path });
        return locations;
    }

    private readonly record struct Record(string? Key, string Text);
}
