using Lepton.Compute.Execution;
using Lepton.Compute.Formats;

namespace Lepton.Compute.Plans;

/// <summary>The words of each text.</summary>
internal sealed class WordsNode(PlanNode<Utf8Text> parent) : NarrowNode<Utf8Text, Utf8Text>(parent)
{
    // Their slots stay in the first-level cache, between the cutter and whoever takes the words.
    private const int BufferedWords = 256;

    public override string Label => "Words";

    public override IEnumerable<Utf8Text> Compute(int partition, TaskContext context)
    {
        foreach (Utf8Text text in Parent.Compute(partition, context))
        {
            foreach (Utf8Text word in text.Split())
            {
                yield return word;
            }
        }
    }

    public override void Push(int partition, TaskContext context, RecordSink<Utf8Text> sink) =>
        Parent.Push(partition, context, new WordsSink(sink));

    private sealed class WordsSink(RecordSink<Utf8Text> next) : RecordSink<Utf8Text>
    {
        private readonly Utf8Text[] _buffer = new Utf8Text[BufferedWords];

        public override void Add(Utf8Text record)
        {
            Utf8Words words = record.Words();
            for (int count = words.Read(_buffer); count > 0; count = words.Read(_buffer))
            {
                next.AddRange(_buffer.AsSpan(0, count));
            }
        }
    }
}
