using Lepton.Compute.Execution;

namespace Lepton.Compute.Plans;

internal sealed class SelectNode<TIn, TOut>(PlanNode<TIn> parent, Func<TIn, TOut> selector)
    : NarrowNode<TIn, TOut>(parent), IKeepsSize
{
    public override string Label => "Select";

    public override IEnumerable<TOut> Compute(int partition, TaskContext context)
    {
        foreach (TIn record in Parent.Compute(partition, context))
        {
            yield return selector(record);
        }
    }

    public override void Push(int partition, TaskContext context, RecordSink<TOut> sink) =>
        Parent.Push(partition, context, new SelectSink(selector, sink));

    private sealed class SelectSink(Func<TIn, TOut> selector, RecordSink<TOut> next) : RecordSink<TIn>
    {
        public override void Add(TIn record) => next.Add(selector(record));
    }
}
