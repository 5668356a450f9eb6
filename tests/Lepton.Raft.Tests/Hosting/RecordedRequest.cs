using Lepton.Raft.Hosting;

namespace Lepton.Raft.Tests.Hosting;

/// <summary>A request that keeps how it ended.</summary>
internal sealed class RecordedRequest<T> : NodeRequest<T>
{
    public bool IsOver { get; private set; }

    public T? Result { get; private set; }

    public ConsensusFailure? Failure { get; private set; }

    public string Message { get; private set; } = "";

    protected internal override void Succeed(T result) => (IsOver, Result) = (true, result);

    protected internal override void Fail(ConsensusFailure failure, string message) =>
        (IsOver, Failure, Message) = (true, failure, message);
}
