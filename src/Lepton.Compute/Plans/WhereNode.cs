using Lepton.Compute.Execution;

namespace Lepton.Compute.Plans;

internal sealed class WhereNode<T>(PlanNode<T> parent, Func<T, bool> predicate) : NarrowNode<T, T>(parent),
    IKeepsSize
{
    public override string Label => "Where";

    public override IEnumerable<T> Compute(int partition, TaskContext context)
    {
        foreach (T record in Parent.Compute(partition, context))
        {
            if (predicate(record))
            {
                yield return record;
            }
        }
    }

    public override void Push(int partition, TaskContext context, RecordSink<T> sink) =>
        Parent.Push(partition, context, new WhereSink(predicate, sink));

    private sealed class WhereSink(Func<T, bool> predicate, RecordSink<T> next) : RecordSink<T>
    {
        public override void Add(T record)
        {
            if (predicate(record))
            {
                next.Add(record);
            }
        }
    }
}
