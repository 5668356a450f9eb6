using System.Buffers;
using Lepton.Core.Randomness;
using Lepton.Raft;
using Lepton.Raft.Messages;

namespace Lepton.Simulation.World;

/// <summary>
/// A network that loses, doubles, delays and reorders messages, and in which any way can be cut in one direction.
/// Messages travel as bytes, as they do between processes.
/// </summary>
internal sealed class SimulatedNetwork(
    EventQueue events, SeededRandom random, FaultCounts counts, Action<NodeId, RaftMessage> deliver)
{
    private readonly Dictionary<(NodeId From, NodeId To), Fault> _cut = [];
    private readonly Dictionary<(NodeId From, NodeId To), long> _arrived = [];
    private long _sent;

    /// <summary>Of a thousand messages, how many are lost.</summary>
    public int LostPerMille { get; set; }

    /// <summary>Of a thousand messages, how many come twice.</summary>
    public int DoubledPerMille { get; set; }

    /// <summary>Of a thousand messages, how many take a hundred times as long.</summary>
    public int LatePerMille { get; set; }

    /// <summary>How long a message takes at most, in microseconds.</summary>
    public int DelayUsMax { get; set; } = 2_000;

    /// <summary>Cuts a way in one direction.</summary>
    /// <param name="from">Whose messages are held back.</param>
    /// <param name="to">From whom.</param>
    /// <param name="how">What they count as.</param>
    public void Cut(NodeId from, NodeId to, Fault how) => _cut[(from, to)] = how;

    /// <summary>Every way is open again, and loses nothing.</summary>
    public void Heal()
    {
        _cut.Clear();
        (LostPerMille, DoubledPerMille, LatePerMille, DelayUsMax) = (0, 0, 0, 2_000);
    }

    /// <summary>Sends a message that leaves its node after a while.</summary>
    public void Send(RaftMessage message, long leavesAfterUs)
    {
        if (IsHeldBack(message.From, message.To) || Happens(LostPerMille, Fault.MessageLost))
        {
            return;
        }

        ArrayBufferWriter<byte> bytes = new();
        RaftMessageCodec.Encode(message, bytes);
        long number = ++_sent;
        for (int copies = Happens(DoubledPerMille, Fault.MessageDoubled) ? 2 : 1; copies > 0; copies--)
        {
            long delay = 50 + random.NextInt32(DelayUsMax);
            delay = leavesAfterUs + (Happens(LatePerMille, Fault.MessageLate) ? delay * 100 : delay);
            events.After(delay, () => Arrive(message.From, message.To, number, bytes.WrittenMemory));
        }
    }

    private void Arrive(NodeId from, NodeId to, long number, ReadOnlyMemory<byte> bytes)
    {
        // A way that was cut meanwhile holds back what is on it.
        if (IsHeldBack(from, to))
        {
            return;
        }

        if (_arrived.GetValueOrDefault((from, to)) > number)
        {
            counts.Hit(Fault.MessageReordered);
        }
        else
        {
            _arrived[(from, to)] = number;
        }

        deliver(to, RaftMessageCodec.Decode(bytes));
    }

    private bool IsHeldBack(NodeId from, NodeId to)
    {
        if (!_cut.TryGetValue((from, to), out Fault how))
        {
            return false;
        }

        counts.Hit(how);
        return true;
    }

    private bool Happens(int perMille, Fault fault)
    {
        bool happens = perMille > 0 && random.NextInt32(1000) < perMille;
        if (happens)
        {
            counts.Hit(fault);
        }

        return happens;
    }
}
