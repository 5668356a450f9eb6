namespace Lepton.Training.Launch;

/// <summary>A launcher that trains alone: rounds follow each other as long as restarts are left.</summary>
internal sealed class LoneRendezvous(RoundNode me, int restartsMax, Action<RendezvousEvent> tell) : IRendezvous
{
    private Round _round = new(0, [me]);

    public void Start() => tell(new RendezvousEvent(RendezvousEventKind.Run, _round));

    public void Failed(int round, RoundCause cause, bool isOver)
    {
        if (!isOver)
        {
            return;
        }

        if (_round.Restarts >= restartsMax)
        {
            tell(new RendezvousEvent(
                RendezvousEventKind.GiveUp, _round with { State = RoundState.GivenUp, Cause = cause }));
            return;
        }

        _round = RendezvousCore.After(_round, [me], cause);
        tell(new RendezvousEvent(RendezvousEventKind.Run, _round));
    }

    public void Done(int round) => tell(new RendezvousEvent(RendezvousEventKind.Finish, _round));

    public void Leave()
    {
        // Nobody goes on without it.
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
