using Lepton.Compute.Execution;

namespace Lepton.Compute.Plans;

/// <inheritdoc/>
internal abstract class PlanNode<T> : PlanNode
{
    /// <summary>
    /// The records of one partition, computed as they are read. Runs on a worker. May be called again after a
    /// failure, and must then give the same records in the same order.
    /// </summary>
    public abstract IEnumerable<T> Compute(int partition, TaskContext context);

    /// <summary>
    /// Computes the whole partition into <paramref name="sink"/>: the same records in the same order as
    /// <see cref="Compute"/>, for a reader that wants them all.
    /// </summary>
    public virtual void Push(int partition, TaskContext context, RecordSink<T> sink)
    {
        foreach (T record in Compute(partition, context))
        {
            sink.Add(record);
        }
    }
}
