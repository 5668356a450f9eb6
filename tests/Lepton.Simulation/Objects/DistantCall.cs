using System.Diagnostics.CodeAnalysis;
using Lepton.Storage.Blocks;
using Lepton.Storage.Replication;

namespace Lepton.Simulation.Objects;

/// <summary>
/// One request of a node to another, as it goes over HTTP: it may be lost, or its answer; who gives up says so, and
/// that may be lost, too.
/// </summary>
/// <param name="cluster">All there is.</param>
/// <param name="caller">Who asks.</param>
/// <param name="from">On which machine.</param>
/// <param name="target">Who is asked.</param>
/// <param name="start">Which of its starts.</param>
/// <param name="work">What for.</param>
[SuppressMessage("Design", "CA1001", Justification = "A process that ends is memory alone.")]
internal sealed class DistantCall<T>(
    ObjectCluster cluster, NodeLife caller, int from, ObjectNode target, long start,
    Func<LocalPeer, CancellationToken, Task<T>> work)
{
    /// <summary>As long as the real client waits.</summary>
    private const long TimeMaxUs = 20_000_000;

    private readonly TaskCompletionSource<T> _answer = new();
    private readonly CancellationTokenSource _abandoned = new();

    public async Task<T> RunAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        caller.DemandRunning();
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            _ => Abandon(cancellationToken), null);
        caller.After(TimeMaxUs, () => Fail(BlockFailure.Unreachable, "it does not answer in time"));
        cluster.Network.Send(from, target.Number, Arrive);
        return await _answer.Task;
    }

    private void Abandon(CancellationToken cancellationToken)
    {
        cluster.Network.Send(from, target.Number, _abandoned.Cancel);
        _answer.TrySetCanceled(cancellationToken);
    }

    private void Arrive()
    {
        if (_abandoned.IsCancellationRequested)
        {
            return;
        }

        if (target.Life is { IsOver: false } life && target.Starts == start && target.Local is { } local)
        {
            life.Do(() => cluster.Observe(ServeAsync(life, local), life));
        }
        else if (target.HasPower)
        {
            Answer(() => Fail(BlockFailure.Unreachable, "nobody listens there"));
        }
    }

    private async Task ServeAsync(NodeLife life, LocalPeer local)
    {
        Action answer;
        try
        {
            T result = await work(local, _abandoned.Token);
            answer = () => _answer.TrySetResult(result);
        }
        catch (BlockException e)
        {
            answer = () => Fail(BlockFaults.FromHttp(BlockFaults.ToHttp(e.Failure)), e.Message);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            answer = () => Fail(BlockFailure.Unreachable, e.Message);
        }

        if (!life.IsOver)
        {
            Answer(answer);
        }
    }

    private void Answer(Action answer) => cluster.Network.Send(target.Number, from, () => caller.Do(answer));

    private void Fail(BlockFailure failure, string message) =>
        _answer.TrySetException(new BlockException(failure, $"The node '{target.Name}' refused: {message}"));
}
