using Lepton.Simulation.World;

namespace Lepton.Simulation.Objects;

/// <summary>A machine's clock: it may run fast or slow, and its date may be wrong. It outlives processes.</summary>
internal sealed class MachineClock(EventQueue events)
{
    /// <summary>When simulations begin.</summary>
    private static readonly DateTimeOffset s_epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private long _sinceUs;
    private long _atUs;

    /// <summary>How fast it runs, in thousandths of the right pace.</summary>
    public int PerMille { get; private set; } = 1000;

    /// <summary>How wrong its date is.</summary>
    public TimeSpan Offset { get; set; }

    /// <summary>What has passed, as it counts.</summary>
    public long NowUs => _atUs + ((events.NowUs - _sinceUs) * PerMille / 1000);

    public DateTimeOffset Date => s_epoch + TimeSpan.FromMicroseconds(NowUs) + Offset;

    /// <summary>From now on it runs at another pace.</summary>
    public void RunAt(int perMille)
    {
        (_atUs, _sinceUs) = (NowUs, events.NowUs);
        PerMille = perMille;
    }

    /// <summary>How long it really takes until it has counted so much.</summary>
    public long RealUs(TimeSpan span) => (long)(span.TotalMicroseconds * 1000 / PerMille) + 1;
}
