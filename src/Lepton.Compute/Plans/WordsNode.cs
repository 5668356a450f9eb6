using System.Runtime.CompilerServices;
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
        if (Parent is FileNode<Utf8Text> file && file.LineRuns(partition, words.KeepsChunks, context) is { } runs)
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
        // A few blocks' words more than their taker looks at together.
        private const int Room = Batch<Utf8Text>.Capacity + Utf8Words.RoomMin;
        private readonly ITextSliceSink? _slices = next is ITextSliceSink { TakesSlices: true } sink ? sink : null;

        public bool KeepsChunks => _slices is not { LetsGoOfChunks: true };

        [SkipLocalsInit]
        public override void Add(Utf8Text record)
        {
            Span<TextSlice> slices = stackalloc TextSlice[Room];
            byte[] chunk = record.Chunk;
            Utf8Words words = record.Words();
            for (int count = words.Read(slices); count > 0; count = words.Read(slices))
            {
                if (_slices is not null)
                {
                    _slices.AddSlices(chunk, slices[..count]);
                }
                else
                {
                    AddTexts(chunk, slices[..count]);
                }
            }
        }

        private void AddTexts(byte[] chunk, ReadOnlySpan<TextSlice> slices)
        {
            var batch = default(Batch<Utf8Text>);
            Span<Utf8Text> texts = batch;
            while (!slices.IsEmpty)
            {
                int count = Math.Min(slices.Length, texts.Length);
                for (int i = 0; i < count; i++)
                {
                    texts[i] = new Utf8Text(chunk, slices[i]);
                }

                next.AddRange(texts[..count]);
                slices = slices[count..];
            }
        }
    }
}
