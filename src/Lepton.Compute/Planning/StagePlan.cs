using Google.Protobuf;
using Lepton.Compute.Execution;
using Lepton.Compute.Functions;
using Lepton.Compute.Plans;
using Lepton.Compute.Scheduling;
using Lepton.Core.Records;

namespace Lepton.Compute.Planning;

/// <summary>A stage as it will be sent: the encoded program, and what the tasks' sources need.</summary>
internal sealed class StagePlan(
    StageRun run, PlanNode root, ByteString program, IReadOnlyList<ModuleReference> modules)
{
    private readonly bool _hasSources = StageWalk.Any(root, static node => node is ISplitSource);

    public StageRun Run { get; } = run;

    public ByteString Program { get; } = program;

    /// <summary>The assemblies that the program refers to.</summary>
    public IReadOnlyList<ModuleReference> Modules { get; } = modules;

    /// <summary>What the task of <paramref name="partition"/> may read beside its payload.</summary>
    public TaskReads Reads(int partition)
    {
        var shuffles = new List<(int, int)>();
        var caches = new List<(int, int)>();
        StageWalk.Visit(root, partition, (node, inner) =>
        {
            if (node is IShuffled shuffled)
            {
                shuffles.AddRange(shuffled.Inputs.Select(edge => (edge.ShuffleId, inner)));
            }

            if (node is ICached cached)
            {
                caches.Add((cached.CacheId, inner));
            }

            return true;
        });
        return new TaskReads([.. shuffles.Distinct()], [.. caches.Distinct()]);
    }

    /// <summary>What goes along with the task of <paramref name="partition"/>: the slices of its sources.</summary>
    public ByteString Payload(int partition)
    {
        if (!_hasSources)
        {
            return ByteString.Empty;
        }

        var sources = new List<(ISplitSource, int)>();
        StageWalk.Visit(root, partition, (node, inner) =>
        {
            if (node is ISplitSource source)
            {
                sources.Add((source, inner));
            }

            return true;
        });
        using var writer = new RecordWriter();
        SplitPayload.Write(writer, sources);
        return ByteString.CopyFrom(writer.WrittenSpan);
    }
}
