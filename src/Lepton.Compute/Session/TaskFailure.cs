namespace Lepton.Compute;

/// <summary>
/// Where an exception of user code was thrown. It arrives at the caller as it was thrown on the worker (type,
/// message, remote stack);
/// this tells the task.
/// </summary>
/// <param name="Stage">The stage's number and steps.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Attempt">0 for the first try.</param>
/// <param name="Worker">The worker's name.</param>
public sealed record TaskFailure(string Stage, int Partition, int Attempt, string Worker)
{
    private const string DataKey = "Lepton.TaskFailure";

    /// <summary>
    /// The command that runs the task again, alone and under a debugger: <c>lepton replay LOG 3/5</c>. Null where the
    /// session could not keep what that needs, or keeps no event log.
    /// </summary>
    public string? Replay { get; init; }

    /// <summary>
    /// The task at which a job failed with <paramref name="exception"/>; null when no task is to blame.
    /// </summary>
    public static TaskFailure? Of(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        try
        {
            return exception.Data[DataKey] as TaskFailure;
        }
        catch (Exception)
        {
            // A user's type that throws in Data could not take it either.
            return null;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"stage {Stage}, partition {Partition}, attempt {Attempt}, worker {Worker}";

    internal void AttachTo(Exception exception)
    {
        try
        {
            exception.Data[DataKey] = this;
        }
        catch (Exception)
        {
            // A user's type may throw in Data; its exception arrives without the place.
            return;
        }
    }
}
