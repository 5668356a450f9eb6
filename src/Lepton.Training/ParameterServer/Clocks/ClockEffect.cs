namespace Lepton.Training.ParameterServer.Clocks;

/// <summary>What a <see cref="ClockCore"/> wants done, in order.</summary>
internal abstract record ClockEffect
{
    /// <summary>A worker takes part from a clock on.</summary>
    public sealed record Admit(int Worker, long Clock) : ClockEffect;

    /// <summary>The optimizer steps with the sum of these workers' gradients, each times its share.</summary>
    public sealed record Apply(IReadOnlyList<Contribution> Contributions) : ClockEffect;

    /// <summary>A worker's gradients are taken; <paramref name="IsNew"/> false: they were before.</summary>
    public sealed record Acknowledge(int Worker, long Clock, bool IsNew) : ClockEffect;

    /// <summary>A worker gets the values as they are now.</summary>
    public sealed record Give(int Worker) : ClockEffect;

    /// <summary>A worker can't go on, for this reason.</summary>
    public sealed record Refuse(int Worker, string Reason) : ClockEffect;
}
