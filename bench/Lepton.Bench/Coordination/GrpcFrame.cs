using System.Buffers.Binary;
using System.Text;

namespace Lepton.Bench.Coordination;

/// <summary>
/// Requests as gRPC has them on the wire, for a load generator that knows nothing of gRPC: a byte 0, the length, and
/// the message (etcd's <c>rpc.proto</c>).
/// </summary>
internal static class GrpcFrame
{
    private const int HeaderBytes = 5;
    private const int KeyField = 1;
    private const int ValueField = 2;
    private const int BytesWireType = 2;

    /// <summary>A <c>PutRequest</c>.</summary>
    public static byte[] Put(string key, byte[] value) =>
        Frame([.. Field(KeyField, Encoding.UTF8.GetBytes(key)), .. Field(ValueField, value)]);

    /// <summary>A <c>RangeRequest</c> of one key, linearizable.</summary>
    public static byte[] Get(string key) => Frame(Field(KeyField, Encoding.UTF8.GetBytes(key)));

    private static byte[] Frame(byte[] message)
    {
        byte[] frame = new byte[HeaderBytes + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, HeaderBytes);
        return frame;
    }

    private static byte[] Field(int number, byte[] bytes)
    {
        List<byte> field = [(byte)((number << 3) | BytesWireType)];
        int length = bytes.Length;
        for (; length > 0x7f; length >>= 7)
        {
            field.Add((byte)(length | 0x80));
        }

        return [.. field, (byte)length, .. bytes];
    }
}
