using Lepton.Compute.Execution;
using Lepton.Compute.Functions;

namespace Lepton.Compute.Plans;

/// <summary>Gives the stage that computes it a name; passes the records on as they are.</summary>
internal sealed class NamedNode<T>(PlanNode<T> parent, string name) : NarrowNode<T, T>(parent), INamed, IKeepsSize
{
    [NotSent]
    private readonly string _name = name;

    public override string Label => _name;

    public string Name => _name;

    public override IEnumerable<T> Compute(int partition, TaskContext context) => Parent.Compute(partition, context);

    public override void Push(int partition, TaskContext context, RecordSink<T> sink) =>
        Parent.Push(partition, context, sink);
}
