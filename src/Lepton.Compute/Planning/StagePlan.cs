using Lepton.Compute.Functions;
using Lepton.Compute.Plans;
using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;

namespace Lepton.Compute.Planning;

/// <summary>A stage as it will be sent: the encoded program, and what the tasks' sources need.</summary>
internal sealed class StagePlan(
    StageRun run, PlanNode root, Parcel program, Parcel[] payloads, IReadOnlyList<ModuleReference> modules)
{
    public StageRun Run { get; } = run;

    public Parcel Program { get; } = program;

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

    /// <summary>
    /// What goes along with the task of <paramref name="partition"/>: the slices of its sources; null without any.
    /// </summary>
    public Parcel? Payload(int partition) => payloads.Length == 0 ? null : payloads[partition];
}
