using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;
using Lepton.Core.Randomness;

namespace Lepton.Compute.Tests.Scheduling;

/// <summary>One action over a graph of stages. Several actions over one graph share its caches, as actions on one
/// data set do.</summary>
internal sealed class SimulatedJob
{
    private SimulatedJob(string name, StageCore stages, StageRun result)
    {
        Name = name;
        Stages = stages;
        Result = result;
        Results = new int[result.Tasks.Length];
    }

    public string Name { get; }

    public StageCore Stages { get; }

    public StageRun Result { get; }

    /// <summary>How often each partition of the result came.</summary>
    public int[] Results { get; }

    /// <summary>Why it ended: "done", "cancelled" or "failed: …"; null while it runs.</summary>
    public string? End { get; set; }

    /// <summary>Builds the job that <paramref name="shape"/> describes: the same shape, the same graph.</summary>
    public static SimulatedJob Build(int number, int shape, DispatchCore core, CacheRegistry caches)
    {
        var random = new SeededRandom((ulong)shape);
        var stages = new StageCore(core, caches);
        var built = new List<StageRun>();
        int count = 1 + random.NextInt32(5);
        for (int i = 0; i < count; i++)
        {
            bool isCached = i > 0 && random.NextInt32(3) == 0;
            int partitions = 1 + random.NextInt32(6);
            StageRun[] producers = [.. built.Where(_ => random.NextInt32(2) == 0).Take(2)];
            if (i == count - 1 && built.Count > 0 && !producers.Contains(built[^1]))
            {
                producers = [.. producers, built[^1]];
            }

            StageRun stage = Stage((number * 10) + i, i, partitions, producers, isCached, isLast: i == count - 1,
                caches);
            built.Add(stage);
            stages.Add(stage);
        }

        return new SimulatedJob($"job {number}", stages, built[^1]);
    }

    private static StageRun Stage(
        int id, int cache, int partitions, StageRun[] producers, bool isCached, bool isLast, CacheRegistry caches)
    {
        CacheRef[] shields = isCached ? [new CacheRef(cache, partitions)] : [];
        return new StageRun(
            id, isCached ? $"cache {cache}" : "", partitions,
            [.. producers.Select(producer => new StageInput(producer.Id, producer, shields))], isShuffle: !isLast)
        {
            Locate = isCached ? partition => caches.WorkerOf(cache, partition) : null,
        };
    }

    /// <summary>The places of a stage's inputs, as the host would announce them with a task.</summary>
    public static IReadOnlyList<(int Shuffle, OutputLocation?[] Outputs)> Inputs(StageRun stage) =>
        [.. stage.Inputs.Select(input => (input.ShuffleId, input.Producer.Outputs!.ToArray()))];
}
