using Lepton.Core.Randomness;
using Lepton.Simulation.World;

namespace Lepton.Simulation.Objects;

/// <summary>
/// The ways between machines, and to the coordination store: they lose, delay and reorder messages, and each can be cut
/// in one direction.
/// </summary>
internal sealed class ObjectNetwork(EventQueue events, SeededRandom random, FaultTally<ObjectFault> counts)
{
    /// <summary>The coordination store's number; machines count from 1.</summary>
    public const int Metadata = 0;

    private readonly Dictionary<(int From, int To), ObjectFault> _cut = [];

    /// <summary>Of a thousand messages, how many are lost.</summary>
    public int LostPerMille { get; set; }

    /// <summary>Of a thousand messages, how many take a thousand times as long.</summary>
    public int LatePerMille { get; set; }

    /// <summary>How long a message takes at most, in microseconds.</summary>
    public int DelayUsMax { get; set; } = 2_000;

    /// <summary>Cuts a way in one direction.</summary>
    public void Cut(int from, int to, ObjectFault how) => _cut[(from, to)] = how;

    /// <summary>Every way is open again, and loses nothing.</summary>
    public void Heal()
    {
        _cut.Clear();
        (LostPerMille, LatePerMille, DelayUsMax) = (0, 0, 2_000);
    }

    /// <summary>Sends a message.</summary>
    /// <param name="from">Whose it is.</param>
    /// <param name="to">To whom.</param>
    /// <param name="arrive">What happens there.</param>
    /// <param name="laterUs">How much later than others it leaves.</param>
    public void Send(int from, int to, Action arrive, long laterUs = 0)
    {
        if (_cut.TryGetValue((from, to), out ObjectFault how))
        {
            counts.Hit(how);
            return;
        }

        if (from != to && Happens(LostPerMille, ObjectFault.MessageLost))
        {
            return;
        }

        long delay = 50 + random.NextInt32(DelayUsMax);
        events.After(laterUs + (Happens(LatePerMille, ObjectFault.MessageLate) ? delay * 1000 : delay), arrive);
    }

    private bool Happens(int perMille, ObjectFault fault)
    {
        bool happens = perMille > 0 && random.NextInt32(1000) < perMille;
        if (happens)
        {
            counts.Hit(fault);
        }

        return happens;
    }
}
