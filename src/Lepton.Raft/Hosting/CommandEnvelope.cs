using System.Buffers.Binary;
using Lepton.Core;

namespace Lepton.Raft.Hosting;

/// <summary>
/// What a command's entry says of its proposer, so that the node that proposed it knows its own when it applies it: the
/// session, which differs at each start of a node, and the number of the proposal in it.
/// </summary>
internal static class CommandEnvelope
{
    public const int HeaderBytes = 16;

    public static byte[] Wrap(ulong session, ulong id, ReadOnlySpan<byte> command)
    {
        byte[] data = GC.AllocateUninitializedArray<byte>(HeaderBytes + command.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(data, session);
        BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(8), id);
        command.CopyTo(data.AsSpan(HeaderBytes));
        return data;
    }

    public static (ulong Session, ulong Id, ReadOnlyMemory<byte> Command) Unwrap(ReadOnlyMemory<byte> data)
    {
        Invariant.Check(data.Length >= HeaderBytes);
        return (BinaryPrimitives.ReadUInt64LittleEndian(data.Span),
            BinaryPrimitives.ReadUInt64LittleEndian(data.Span[8..]), data[HeaderBytes..]);
    }
}
