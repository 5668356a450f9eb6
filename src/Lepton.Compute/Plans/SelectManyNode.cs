using Lepton.Compute.Execution;

namespace Lepton.Compute.Plans;

internal sealed class SelectManyNode<TIn, TOut>(PlanNode<TIn> parent, Func<TIn, IEnumerable<TOut>> selector)
    : NarrowNode<TIn, TOut>(parent)
{
    public override string Label => "SelectMany";

    public override IEnumerable<TOut> Compute(int partition, TaskContext context)
    {
        foreach (TIn record in Parent.Compute(partition, context))
        {
            IEnumerable<TOut> many = selector(record);
            if (many is TOut[] array)
            {
                // string.Split and the like: an array needs no enumerator object.
                for (int i = 0; i < array.Length; i++)
                {
                    yield return array[i];
                }
            }
            else
            {
                foreach (TOut one in many)
                {
                    yield return one;
                }
            }
        }
    }

    public override void Push(int partition, TaskContext context, RecordSink<TOut> sink) =>
        Parent.Push(partition, context, new SelectManySink(selector, sink));

    private sealed class SelectManySink(Func<TIn, IEnumerable<TOut>> selector, RecordSink<TOut> next) : RecordSink<TIn>
    {
        public override void Add(TIn record)
        {
            IEnumerable<TOut> many = selector(record);
            if (many is TOut[] array)
            {
                next.AddRange(new ReadOnlySpan<TOut>(array));
                return;
            }

            foreach (TOut one in many)
            {
                next.Add(one);
            }
        }
    }
}
