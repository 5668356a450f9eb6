namespace Lepton.Training.ParameterServer.Clocks;

/// <summary>What happens to a <see cref="ClockCore"/>.</summary>
internal abstract record ClockInput(int Worker)
{
    /// <summary>A worker's process has begun, perhaps in the place of a dead one.</summary>
    public sealed record Joined(int Worker) : ClockInput(Worker);

    /// <summary>A worker's gradients have come.</summary>
    /// <param name="Worker">Whose.</param>
    /// <param name="Clock">How many it had pushed before.</param>
    /// <param name="Weight">How much they count in a mean, such as the samples that they are of.</param>
    public sealed record Pushed(int Worker, long Clock, double Weight) : ClockInput(Worker);

    /// <summary>A worker wants the values.</summary>
    /// <param name="Worker">Who.</param>
    /// <param name="Clock">How many gradients it has pushed.</param>
    public sealed record Wanted(int Worker, long Clock) : ClockInput(Worker);

    /// <summary>A worker is done, or was silent for too long; nobody waits for it any more.</summary>
    public sealed record Gone(int Worker) : ClockInput(Worker);
}
