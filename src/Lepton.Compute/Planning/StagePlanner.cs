using Lepton.Compute.Execution;
using Lepton.Compute.Functions;
using Lepton.Compute.Plans;
using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;
using Lepton.Core.Records;

namespace Lepton.Compute.Planning;

/// <summary>
/// Cuts a lineage into stages at its shuffles and encodes their programs. One planner serves one action, so that a
/// shuffle that several of its results read is made once.
/// </summary>
internal sealed class StagePlanner(Func<int> nextStage, CacheRegistry caches, ActionFiles files)
{
    private readonly Dictionary<int, StagePlan> _byShuffle = [];
    private readonly HashSet<PlanNode> _prepared = [];

    /// <summary>Stages planned since the last call of <see cref="Plan"/>, producers first.</summary>
    public List<StagePlan> Planned { get; } = [];

    /// <summary>Plans a stage that gives one result a partition. Lists files, so it may block; call it off the
    /// scheduler's thread.</summary>
    /// <exception cref="UnsendableException">A function captures what can't be sent.</exception>
    /// <exception cref="UncodableTypeException">A record type can't be coded.</exception>
    /// <exception cref="UncodableValueException">A record of a collection can't be coded.</exception>
    public StagePlan Plan(PlanNode root, StageProgram program, CancellationToken cancellation)
    {
        Planned.Clear();
        Prepare(root, cancellation);
        return Build(root, program, isShuffle: false);
    }

    /// <summary>Has a node, and all before it, count its partitions.</summary>
    public void Prepare(PlanNode node, CancellationToken cancellation)
    {
        if (!_prepared.Add(node))
        {
            return;
        }

        foreach (PlanNode parent in node.Parents)
        {
            Prepare(parent, cancellation);
        }

        if (node is IShuffled shuffled)
        {
            foreach (ShuffleEdge edge in shuffled.Inputs)
            {
                Prepare(edge.MapParent, cancellation);
            }
        }

        cancellation.ThrowIfCancellationRequested();
        node.Prepare(cancellation);
    }

    private StagePlan Build(PlanNode root, StageProgram program, bool isShuffle)
    {
        var inputs = new List<StageInput>();
        var labels = new List<PlanNode>();
        bool isCached = false;
        Collect(root, [], inputs, labels, ref isCached);
        program.CheckTypes();
        var run = new StageRun(nextStage(), LabelOf(labels), root.PartitionCount, inputs, isShuffle)
        {
            Locate = isCached ? partition => WorkerOf(root, partition) : null,
        };
        var encoder = new GraphEncoder();
        var plan = new StagePlan(run, root, Encode(encoder, program), Payloads(root), encoder.Modules);
        Planned.Add(plan);
        return plan;
    }

    private void Collect(
        PlanNode node, List<CacheRef> shields, List<StageInput> inputs, List<PlanNode> labels, ref bool isCached)
    {
        labels.Add(node);
        if (node is ICached cached)
        {
            isCached = true;
            shields = [.. shields, new CacheRef(cached.CacheId, node.PartitionCount)];
        }

        foreach (PlanNode parent in node.Parents)
        {
            Collect(parent, shields, inputs, labels, ref isCached);
        }

        if (node is IShuffled shuffled)
        {
            foreach (ShuffleEdge edge in shuffled.Inputs)
            {
                AddInput(inputs, new StageInput(edge.ShuffleId, Producer(edge, node).Run, shields));
            }
        }
    }

    private static void AddInput(List<StageInput> inputs, StageInput input)
    {
        int known = inputs.FindIndex(other => other.ShuffleId == input.ShuffleId);
        if (known < 0)
        {
            inputs.Add(input);
            return;
        }

        // Read in two ways, it is dispensable only where a cache stands in both.
        IEnumerable<CacheRef> both = inputs[known].ShieldingCaches.Intersect(input.ShieldingCaches);
        inputs[known] = input with { ShieldingCaches = [.. both] };
    }

    /// <summary>The names that its user has given, first step first; the steps where there are none.</summary>
    private static string LabelOf(List<PlanNode> lastFirst)
    {
        List<PlanNode> named = lastFirst.FindAll(static node => node is INamed);
        IEnumerable<string> labels = (named.Count > 0 ? named : lastFirst).Select(node => node.Label);
        return string.Join(" → ", labels.Where(label => label.Length > 0).Reverse());
    }

    private StagePlan Producer(ShuffleEdge edge, PlanNode reader)
    {
        if (!_byShuffle.TryGetValue(edge.ShuffleId, out StagePlan? plan))
        {
            plan = Build(edge.MapParent, edge.MapProgram(reader.PartitionCount), isShuffle: true);
            _byShuffle.Add(edge.ShuffleId, plan);
        }

        return plan;
    }

    private int WorkerOf(PlanNode root, int partition)
    {
        int worker = -1;
        StageWalk.Visit(root, partition, (node, inner) =>
        {
            if (worker < 0 && node is ICached cached)
            {
                worker = caches.WorkerOf(cached.CacheId, inner);
            }

            return worker < 0;
        });
        return worker;
    }

    private Parcel Encode(GraphEncoder encoder, StageProgram program)
    {
        using var writer = new RecordWriter();
        encoder.Write(writer, program);
        return files.Pack(writer.WrittenSpan);
    }

    /// <summary>
    /// What the sources of each partition need. Made now, on a thread of the caller's: a record that can't be coded is
    /// the caller's to hear of, and what the caller changes later is not seen.
    /// </summary>
    private Parcel[] Payloads(PlanNode root)
    {
        if (!StageWalk.Any(root, static node => node is ISplitSource))
        {
            return [];
        }

        var payloads = new Parcel[root.PartitionCount];
        using var writer = new RecordWriter();
        for (int partition = 0; partition < payloads.Length; partition++)
        {
            var sources = new List<(ISplitSource, int)>();
            StageWalk.Visit(root, partition, (node, inner) =>
            {
                if (node is ISplitSource source)
                {
                    sources.Add((source, inner));
                }

                return true;
            });
            writer.Clear();
            SplitPayload.Write(writer, sources);
            payloads[partition] = files.Pack(writer.WrittenSpan);
        }

        return payloads;
    }
}
