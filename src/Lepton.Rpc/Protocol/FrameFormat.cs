using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace Lepton.Rpc.Protocol;

/// <summary>
/// A message on the wire: one byte that says whether it is compressed, four bytes of length (big endian), the message.
/// </summary>
internal static class FrameFormat
{
    public const int HeaderBytes = 5;

    // A larger message goes through the writer's own chunks instead of asking it for one huge span.
    private const int SpanBytesMax = 64 * 1024;

    /// <summary>Appends a message with its header and returns the bytes that it took.</summary>
    public static int Write(IBufferWriter<byte> writer, IMessage message)
    {
        int size = message.CalculateSize();
        if (size <= SpanBytesMax)
        {
            Span<byte> span = writer.GetSpan(HeaderBytes + size);
            WriteHeader(span, size);
            message.WriteTo(span.Slice(HeaderBytes, size));
            writer.Advance(HeaderBytes + size);
        }
        else
        {
            WriteHeader(writer.GetSpan(HeaderBytes), size);
            writer.Advance(HeaderBytes);
            message.WriteTo(writer);
        }

        return HeaderBytes + size;
    }

    /// <summary>Appends a message that is encoded already, in two parts, and returns the bytes that it took.</summary>
    public static int Write(IBufferWriter<byte> writer, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        int size = checked(HeaderBytes + head.Length + tail.Length);
        Span<byte> span = writer.GetSpan(size);
        WriteHeader(span, size - HeaderBytes);
        head.CopyTo(span[HeaderBytes..]);
        tail.CopyTo(span[(HeaderBytes + head.Length)..]);
        writer.Advance(size);
        return size;
    }

    /// <summary>Reads the header at the start of <paramref name="buffer"/>, if it is all there.</summary>
    public static bool TryReadHeader(in ReadOnlySequence<byte> buffer, out byte flag, out uint length)
    {
        flag = 0;
        length = 0;
        if (buffer.Length < HeaderBytes)
        {
            return false;
        }

        ReadOnlySpan<byte> first = buffer.FirstSpan;
        if (first.Length >= HeaderBytes)
        {
            flag = first[0];
            length = BinaryPrimitives.ReadUInt32BigEndian(first[1..]);
            return true;
        }

        Span<byte> copy = stackalloc byte[HeaderBytes];
        buffer.Slice(0, HeaderBytes).CopyTo(copy);
        flag = copy[0];
        length = BinaryPrimitives.ReadUInt32BigEndian(copy[1..]);
        return true;
    }

    private static void WriteHeader(Span<byte> span, int size)
    {
        span[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(span[1..], (uint)size);
    }
}
