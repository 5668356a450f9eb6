using Lepton.Core.Randomness;

namespace Lepton.Coordination.Client.Transport;

/// <summary>The client's random numbers, from one seed. Thread safe.</summary>
internal sealed class Jitter(ulong seed)
{
    private const int DoublingsMax = 5;
    private readonly Lock _gate = new();
    private readonly SeededRandom _random = new(seed);

    /// <summary>A number from 0 to <paramref name="exclusiveMax"/> - 1.</summary>
    public int Next(int exclusiveMax)
    {
        lock (_gate)
        {
            return _random.NextInt32(exclusiveMax);
        }
    }

    /// <summary>An id for a lease: above 0, and as good as never drawn before.</summary>
    public LeaseId NextLeaseId()
    {
        lock (_gate)
        {
            return new LeaseId(_random.NextInt64(1, long.MaxValue));
        }
    }

    /// <summary>
    /// How long to wait before the retry of number <paramref name="retry"/>, from 0: <paramref name="first"/>, doubled
    /// each time up to 32 times as much, and of that a random part between half and all, so that clients that failed
    /// together do not come back together.
    /// </summary>
    public TimeSpan Pause(int retry, TimeSpan first)
    {
        double part;
        lock (_gate)
        {
            part = 0.5 + (0.5 * _random.NextDouble());
        }

        return first * (1 << Math.Min(retry, DoublingsMax)) * part;
    }
}
