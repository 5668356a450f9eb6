namespace Lepton.Compute;

/// <summary>
/// Where an exception of user code was thrown. It arrives at the caller as it was thrown on the worker (type, message, remote stack);
/// this tells the task.
/// </summary>
/// <param name="Stage">The stage's number and steps.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Attempt">0 for the first try.</param>
/// <param name="Worker">The worker's name.</param>
public sealed record TaskFailure(string Stage, int Partition, int Attempt, string Worker)
{
    private const string DataKey = "Lepton.TaskFailure";

    /// <summary>The task that threw <paramref name="exception"/>; null when it was thrown elsewhere.</summary>
    public static TaskFailure? Of(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception.Data[DataKey] as TaskFailure;
    }

    /// <inheritdoc/>
    public override string ToString() => $"stage {Stage}, partition {Partition}, attempt {Attempt}, worker {Worker}";

    internal void AttachTo(Exception exception) => exception.Data[DataKey] = this;
}
