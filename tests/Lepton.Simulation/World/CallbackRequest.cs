using Lepton.Raft;
using Lepton.Raft.Hosting;

namespace Lepton.Simulation.World;

/// <summary>A request whose end is told at once, on the node's own thread.</summary>
internal sealed class CallbackRequest<T>(Action<T> succeeded, Action<ConsensusFailure> failed) : NodeRequest<T>
{
    private bool _isOver;

    /// <summary>Whether it has ended.</summary>
    public bool IsOver => _isOver;

    /// <summary>Nobody waits for it any more.</summary>
    public void Abandon() => _isOver = true;

    protected internal override void Succeed(T result)
    {
        if (!_isOver)
        {
            _isOver = true;
            succeeded(result);
        }
    }

    protected internal override void Fail(ConsensusFailure failure, string message)
    {
        if (!_isOver)
        {
            _isOver = true;
            failed(failure);
        }
    }
}
