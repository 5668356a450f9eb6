using Lepton.Compute.Planning;
using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;

namespace Lepton.Compute.Session;

/// <summary>
/// An action in work: the stages planned for it, and the result it waits for. Preparatory jobs (sampling for a sort,
/// collecting a small side of a join) belong to the same action and share its shuffles. Owned by the scheduler's thread
/// once posted.
/// </summary>
internal sealed class ActionRun(string name, StageCore stages, ActionFiles files)
{
    public string Name { get; } = name;

    public StageCore Stages { get; } = stages;

    public ActionFiles Files { get; } = files;

    public Dictionary<int, StagePlan> Plans { get; } = [];

    /// <summary>The stage whose results are waited for.</summary>
    public StageRun? Result { get; set; }

    public Parcel[] Values { get; set; } = [];

    public TaskCompletionSource<Parcel[]>? Waiter { get; set; }

    public TimeSpan StartedAt { get; set; }

    /// <summary>Set by the first failure; the rest of the action is withdrawn.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Why it failed; null where it did not, or was cancelled or released.</summary>
    public Exception? Error { get; set; }

    /// <summary>Lets a caller go on who waits for a result that will not come any more.</summary>
    public void Refuse(TaskCompletionSource<Parcel[]> waiter)
    {
        if (Error is { } error)
        {
            waiter.TrySetException(error);
        }
        else
        {
            waiter.TrySetCanceled();
        }
    }

    // A stage behind a cache that is whole never runs.
    private IEnumerable<StageRun> Wanted => Stages.Stages.Where(stage => stage.IsActive || stage.Done > 0);

    /// <summary>How far it is.</summary>
    public JobProgress Progress(int retries, int workers) =>
        new(
            Name,
            Stages.Stages.LastOrDefault(stage => stage is { IsActive: true, InputsReady: true })?.Label ?? "",
            Wanted.Sum(stage => stage.Done),
            Wanted.Sum(stage => stage.Tasks.Length),
            retries,
            workers);
}
