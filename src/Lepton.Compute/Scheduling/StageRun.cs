using Lepton.Compute.Protocol;

namespace Lepton.Compute.Scheduling;

/// <summary>
/// One stage of an action: its tasks, what it reads, and, where it writes a shuffle, where its outputs lie. Owned by
/// the scheduler's thread.
/// </summary>
internal sealed class StageRun
{
    private readonly List<double> _taskMs = [];
    private double _medianMs;
    private int _medianOf;

    public StageRun(int id, string label, int partitionCount, IReadOnlyList<StageInput> inputs, bool isShuffle)
    {
        Id = id;
        Label = label;
        Inputs = inputs;
        Outputs = isShuffle ? new OutputLocation?[partitionCount] : null;
        OutputWorkers = isShuffle ? Enumerable.Repeat(-1, partitionCount).ToArray() : [];
        Tasks = new TaskEntry[partitionCount];
        for (int i = 0; i < partitionCount; i++)
        {
            Tasks[i] = new TaskEntry(this, i);
        }
    }

    public int Id { get; }

    public string Label { get; }

    public TaskEntry[] Tasks { get; }

    public IReadOnlyList<StageInput> Inputs { get; }

    /// <summary>Where each task's output lies; null entries are not made, or lost. Null for a stage that gives
    /// results.</summary>
    public OutputLocation?[]? Outputs { get; }

    /// <summary>Where lost outputs lay, by map partition. What is left of them may help to replay a task.</summary>
    public Dictionary<int, OutputLocation> LostOutputs { get; } = [];

    /// <summary>The worker that holds each output; -1 for none.</summary>
    public int[] OutputWorkers { get; }

    /// <summary>The worker that holds a cached block of a partition, -1 for none; null where nothing is
    /// cached.</summary>
    public Func<int, int>? Locate { get; init; }

    /// <summary>
    /// Whether blocks in caches stand for some of its inputs, which may be gone: then a task can run nowhere but with
    /// its block. Else it can make what was cached again.
    /// </summary>
    public bool NeedsCaches => Inputs.Any(input => input.ShieldingCaches.Count > 0);

    /// <summary>Tasks that are done and not lost since.</summary>
    public int Done { get; set; }

    public bool IsComplete => Done == Tasks.Length;

    /// <summary>True once it was asked for, and until it is complete.</summary>
    public bool IsActive { get; set; }

    /// <summary>True while all that it reads is there.</summary>
    public bool InputsReady { get; set; }

    /// <summary>Rises whenever the place of an input changed.</summary>
    public int InputVersion { get; set; }

    /// <summary>When it first became active, on the scheduler's clock.</summary>
    public TimeSpan StartedAt { get; set; }

    /// <summary>The share of tasks that are done.</summary>
    public double DoneShare => Tasks.Length == 0 ? 1 : (double)Done / Tasks.Length;

    /// <summary>Takes the time of a finished task.</summary>
    public void Observe(double taskMs) => _taskMs.Add(taskMs);

    /// <summary>The median time of the tasks that are done; 0 before the first. O(n log n) where one was done since
    /// the last call.</summary>
    public double MedianTaskMs()
    {
        if (_medianOf != _taskMs.Count)
        {
            List<double> sorted = [.. _taskMs.Order()];
            _medianMs = sorted[sorted.Count / 2];
            _medianOf = sorted.Count;
        }

        return _medianMs;
    }
}
