using Lepton.Compute.Plans;
using Lepton.Core.Records;

namespace Lepton.Compute.Execution;

/// <summary>The last stage of an action: one result a partition, sent to the driver.</summary>
internal sealed class ResultProgram<T, TResult>(
    PlanNode<T> node, Func<IEnumerable<T>, TaskContext, TResult> action) : StageProgram
{
    public override void CheckTypes() => RecordCodec.For<TResult>();

    public override void Run(TaskContext context, RecordWriter result)
    {
        IEnumerable<T> records = node.Compute(context.Partition, context);

        // What is a list already costs no time to read, and some actions ask it for its length.
        TResult value = action(records is ICollection<T> ? records : context.Watch(records), context);
        RecordCodec.For<TResult>().Write(result, value);
    }
}
