namespace Lepton.Simulation.World;

/// <summary>The time of the simulation for what asks a clock. It runs alike everywhere: what leases promise rests on
/// that.</summary>
internal sealed class SimulatedTime(EventQueue events) : TimeProvider
{
    public override long TimestampFrequency => 1_000_000;

    public override long GetTimestamp() => events.NowUs;
}
