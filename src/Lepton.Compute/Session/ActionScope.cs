using Lepton.Compute.Execution;
using Lepton.Compute.Outputs;
using Lepton.Compute.Planning;
using Lepton.Compute.Plans;
using Lepton.Compute.Protocol;
using Lepton.Core.Records;

namespace Lepton.Compute.Session;

/// <summary>
/// One action from its call to its result. Preparatory jobs (a sort's sample, a join's small side) run in the same
/// scope, so that what they shuffled is not shuffled again. Not thread safe.
/// </summary>
internal sealed class ActionScope(
    SessionLoop loop, ActionRun action, StagePlanner planner, OutputsInWork outputs) : IAsyncDisposable
{
    /// <summary>Where outputs are noted while they are being written.</summary>
    public OutputsInWork OutputsInWork => outputs;

    /// <summary>Computes every partition of a node and gives the action's result of each, in order.</summary>
    public async Task<TResult[]> RunAsync<T, TResult>(
        PlanNode<T> node, Func<IEnumerable<T>, TaskContext, TResult> function, CancellationToken cancellation)
    {
        await ResolveAsync(node, [], resolveRoot: true, cancellation).ConfigureAwait(false);

        // Planning lists files and compiles codecs: not on the caller's thread, which may be a UI's.
        StagePlan plan = await Task.Run(
            () => planner.Plan(node, new ResultProgram<T, TResult>(node, function), cancellation),
                cancellation).ConfigureAwait(false);
        Parcel[] values = await RunAsync(plan, cancellation).ConfigureAwait(false);
        return Decode<TResult>(values);
    }

    /// <summary>Makes a node's number of partitions known: it and what stands before it is resolved and
    /// prepared.</summary>
    public async Task PrepareAsync(PlanNode node, CancellationToken cancellation)
    {
        await ResolveAsync(node, [], resolveRoot: true, cancellation).ConfigureAwait(false);
        await Task.Run(() => planner.Prepare(node, cancellation), cancellation).ConfigureAwait(false);
    }

    /// <summary>As <see cref="PrepareAsync"/>, for a node that is being resolved at this moment.</summary>
    public async Task PrepareBehindAsync(PlanNode node, CancellationToken cancellation)
    {
        await ResolveAsync(node, [], resolveRoot: false, cancellation).ConfigureAwait(false);
        await Task.Run(() => planner.Prepare(node, cancellation), cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Does on the driver what the action needs beside its tasks, such as to put an output in its place. Where it
    /// throws, the action has failed, and the event log says so.
    /// </summary>
    public async Task CompleteAsync(Func<Task> complete)
    {
        try
        {
            await complete().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            loop.Post(() => loop.Fail(action, e));
            throw;
        }
    }

    /// <summary>Ends the action: executors forget what it made.</summary>
    public async ValueTask DisposeAsync()
    {
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isPosted = loop.Post(() =>
        {
            try
            {
                loop.Release(action);
            }
            finally
            {
                released.TrySetResult();
            }
        });
        if (isPosted)
        {
            await released.Task.ConfigureAwait(false);
        }

        action.Files.Delete();
    }

    private static TResult[] Decode<TResult>(Parcel?[] values)
    {
        RecordCodec<TResult> codec = RecordCodec.For<TResult>();
        var results = new TResult[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            var reader = new RecordReader(ActionFiles.Unpack(values[i]).Span);
            results[i] = codec.Read(ref reader);
            values[i] = null;
        }

        return results;
    }

    private async Task<Parcel[]> RunAsync(StagePlan plan, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var waiter = new TaskCompletionSource<Parcel[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        List<StagePlan> planned = [.. planner.Planned];
        ObjectDisposedException.ThrowIf(!loop.Post(Start), typeof(LeptonSession));
        using CancellationTokenRegistration registration =
            cancellation.Register(() => loop.Post(() => loop.Cancel(action, cancellation)));
        return await waiter.Task.ConfigureAwait(false);

        void Start()
        {
            try
            {
                loop.Start(action, planned, plan.Run, waiter);
            }
            catch (Exception e)
            {
                // The job may not have got so far that the loop knows who waits for it.
                waiter.TrySetException(e);
                throw;
            }
        }
    }

    private async Task ResolveAsync(
        PlanNode node, HashSet<PlanNode> seen, bool resolveRoot, CancellationToken cancellation)
    {
        if (!seen.Add(node))
        {
            return;
        }

        if (resolveRoot && node is IResolvable resolvable)
        {
            // A node that must know its data before it can be planned looks itself to what stands before it.
            await resolvable.ResolveAsync(this, cancellation).ConfigureAwait(false);
        }

        foreach (PlanNode parent in node.Parents)
        {
            await ResolveAsync(parent, seen, resolveRoot: true, cancellation).ConfigureAwait(false);
        }

        if (node is IShuffled shuffled)
        {
            foreach (ShuffleEdge edge in shuffled.Inputs)
            {
                await ResolveAsync(edge.MapParent, seen, resolveRoot: true, cancellation).ConfigureAwait(false);
            }
        }
    }
}
