using Lepton.Compute.Session;

namespace Lepton.Compute.Datasets;

/// <summary>Runs jobs in the shape of MapReduce.</summary>
public static class DistributedTaskActions
{
    private const int MapTasksMax = 1024;

    /// <summary>
    /// Maps each input in a task of its own (several in a task beyond 1024 inputs), then reduces the partial results in
    /// one task. The result does not depend on the number of workers, nor on failures on the way.
    /// </summary>
    /// <param name="session">The session whose workers run it.</param>
    /// <param name="task">The job; sent to the workers with its fields.</param>
    /// <param name="inputs">The inputs; none is allowed, and Reduce then sees no partial result.</param>
    /// <param name="cancellation">Cancels the job.</param>
    /// <exception cref="Functions.UnsendableException">The task holds what can't be sent; the message tells the path
    /// to it.</exception>
    /// <remarks>
    /// What Map or Reduce throws arrives as it was thrown; <see cref="TaskFailure.Of"/> tells the task.
    /// </remarks>
    public static async Task<TResult> RunAsync<TInput, TPartial, TResult>(
        this LeptonSession session,
        DistributedTask<TInput, TPartial, TResult> task,
        IEnumerable<TInput> inputs,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(inputs);
        IReadOnlyList<TInput> list = inputs as IReadOnlyList<TInput> ?? [.. inputs];
        string name = task.GetType().Name;
        Dataset<TResult> result = session.From(list, Math.Clamp(list.Count, 1, MapTasksMax))
            .Select(task.Map)
            .Named($"{name}.Map")
            .Repartition(1)
            .SelectPartition(partials => One(task.Reduce(partials)))
            .Named($"{name}.Reduce");
        await using ActionScope scope = session.BeginAction(name);
        TResult[][] parts = await scope.RunAsync(
            result.Node, static (records, _) => records.ToArray(), cancellation).ConfigureAwait(false);
        return parts[0][0];
    }

    private static TResult[] One<TResult>(TResult result) => [result];
}
