using System.Buffers;
using Lepton.Core.Randomness;
using Lepton.Raft;
using Lepton.Raft.Messages;

namespace Lepton.Simulation.World;

/// <summary>
/// A network that loses, doubles, delays and reorders messages, and in which any way can be cut in one direction.
/// Messages
/// travel as bytes, as they do between processes.
/// </summary>
internal sealed class SimulatedNetwork(EventQueue events, SeededRandom random, Action<NodeId, RaftMessage> deliver)
{
    private readonly HashSet<(NodeId From, NodeId To)> _cut = [];

    /// <summary>Of a thousand messages, how many are lost.</summary>
    public int LostPerMille { get; set; }

    /// <summary>Of a thousand messages, how many come twice.</summary>
    public int DoubledPerMille { get; set; }

    /// <summary>Of a thousand messages, how many take a hundred times as long.</summary>
    public int LatePerMille { get; set; }

    /// <summary>How long a message takes at most, in microseconds.</summary>
    public int DelayUsMax { get; set; } = 2_000;

    public void Cut(NodeId from, NodeId to) => _cut.Add((from, to));

    /// <summary>Every way is open again, and loses nothing.</summary>
    public void Heal()
    {
        _cut.Clear();
        (LostPerMille, DoubledPerMille, LatePerMille, DelayUsMax) = (0, 0, 0, 2_000);
    }

    public void Send(RaftMessage message)
    {
        ArrayBufferWriter<byte> bytes = new();
        RaftMessageCodec.Encode(message, bytes);
        int copies = 1;
        if (Happens(LostPerMille) || _cut.Contains((message.From, message.To)))
        {
            copies = 0;
        }
        else if (Happens(DoubledPerMille))
        {
            copies = 2;
        }

        for (; copies > 0; copies--)
        {
            long delay = 50 + random.NextInt32(DelayUsMax);
            events.After(Happens(LatePerMille) ? delay * 100 : delay, () => Arrive(message, bytes.WrittenMemory));
        }
    }

    private void Arrive(RaftMessage message, ReadOnlyMemory<byte> bytes)
    {
        // A way that was cut meanwhile holds back what is on it.
        if (!_cut.Contains((message.From, message.To)))
        {
            deliver(message.To, RaftMessageCodec.Decode(bytes));
        }
    }

    private bool Happens(int perMille) => perMille > 0 && random.NextInt32(1000) < perMille;
}
