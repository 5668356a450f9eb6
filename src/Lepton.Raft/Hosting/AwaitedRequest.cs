namespace Lepton.Raft.Hosting;

/// <summary>A request that a task waits for. Its continuations run elsewhere, never on the node's thread.</summary>
internal sealed class AwaitedRequest<T> : NodeRequest<T>
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _completion.Task;

    protected internal override void Succeed(T result) => _completion.TrySetResult(result);

    protected internal override void Fail(ConsensusFailure failure, string message) =>
        _completion.TrySetException(new ConsensusException(failure, message));
}
