using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Coordination.Store;

namespace Lepton.Coordination.Services;

/// <summary>
/// Events as they travel. The latest small batches are kept, so that one that a thousand watches get is encoded once:
/// a table without locks, where an entry whose place another one has taken is made again. Thread safe.
/// </summary>
internal sealed class EventEncodings
{
    private const int Slots = 256;
    private const int KeptBytesMax = 64 * 1024;
    private readonly Entry?[] _entries = new Entry?[Slots];

    /// <summary>About how many bytes an event takes; never less than half of them.</summary>
    public static int SizeOf(in KeyChange change, bool withPrevious) =>
        change.Version.SizeBytes + (withPrevious && change.Previous is { } previous ? previous.SizeBytes : 0);

    /// <summary>
    /// The events as the last field of a response, again and again: tag, length, event. A whole list that several
    /// watches share is encoded once.
    /// </summary>
    public ReadOnlyMemory<byte> Encode(IReadOnlyList<KeyChange> changes, bool withPrevious)
    {
        ref Entry? slot = ref _entries[(changes[0].Revision * 2 + (withPrevious ? 1 : 0)) & (Slots - 1)];
        Entry? entry = Volatile.Read(ref slot);
        if (entry is not null && ReferenceEquals(entry.Changes, changes) && entry.WithPrevious == withPrevious)
        {
            return entry.Bytes;
        }

        byte[] bytes = Encode(changes, 0, changes.Count, withPrevious);
        if (bytes.Length <= KeptBytesMax)
        {
            Volatile.Write(ref slot, new Entry(changes, withPrevious, bytes));
        }

        return bytes;
    }

    /// <summary>Some of the events, from <paramref name="first"/> on.</summary>
    public static byte[] Encode(IReadOnlyList<KeyChange> changes, int first, int count, bool withPrevious)
    {
        uint tag = WireFormat.MakeTag(WatchResponse.EventsFieldNumber, WireFormat.WireType.LengthDelimited);
        Event[] events = new Event[count];
        int size = 0;
        for (int i = 0; i < count; i++)
        {
            events[i] = Messages.ToEvent(changes[first + i], withPrevious);
            int bytes = events[i].CalculateSize();
            size = checked(size + CodedOutputStream.ComputeUInt32Size(tag) +
                CodedOutputStream.ComputeLengthSize(bytes) + bytes);
        }

        byte[] encoded = GC.AllocateUninitializedArray<byte>(size);
        using CodedOutputStream output = new(encoded);
        foreach (Event e in events)
        {
            output.WriteTag(tag);
            output.WriteMessage(e);
        }

        output.Flush();
        return encoded;
    }

    private sealed record Entry(IReadOnlyList<KeyChange> Changes, bool WithPrevious, byte[] Bytes);
}
