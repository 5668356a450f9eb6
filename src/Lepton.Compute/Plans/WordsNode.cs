using Lepton.Compute.Execution;
using Lepton.Compute.Formats;
using Lepton.Compute.Shuffle;

namespace Lepton.Compute.Plans;

/// <summary>The words of each text.</summary>
internal sealed class WordsNode(PlanNode<Utf8Text> parent) : NarrowNode<Utf8Text, Utf8Text>(parent), IKeepsSize
{
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

    public override void Push(int partition, TaskContext context, RecordSink<Utf8Text> sink)
    {
        var words = new WordsSink(sink);

        // A line end is white space: lines need not be told apart where their words are.
        if (Parent is FileNode<Utf8Text> file && file.LineRuns(partition, context) is { } runs)
        {
            foreach (Utf8Text run in runs)
            {
                words.Add(run);
            }
        }
        else
        {
            Parent.Push(partition, context, words);
        }
    }

    private sealed class WordsSink(RecordSink<Utf8Text> next) : RecordSink<Utf8Text>
    {
        public override void Add(Utf8Text record)
        {
            Utf8Words words = record.Words();
            var batch = default(Batch<Utf8Text>);
            for (int count = words.Read(batch); count > 0; count = words.Read(batch))
            {
                next.AddRange(((Span<Utf8Text>)batch)[..count]);
            }
        }
    }
}
