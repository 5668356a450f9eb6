using Lepton.Core.Records;

namespace Lepton.Compute.Formats;

/// <summary>A text travels as its bytes. Texts read by one thread one after the other share chunks of memory, as
/// lines of a file do.</summary>
internal sealed class Utf8TextRecordCodec : RecordCodec<Utf8Text>
{
    private const int ChunkBytes = 32 << 10;
    private const int OwnArrayBytesMin = 4 << 10;

    // An allocator's state, not the program's: what it hands out is never handed out twice.
    [ThreadStatic]
    private static byte[]? t_chunk;

    [ThreadStatic]
    private static int t_used;

    public override void Write(RecordWriter writer, Utf8Text value) => writer.WriteBytes(value.Span);

    public override Utf8Text Read(ref RecordReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes();
        if (bytes.Length >= OwnArrayBytesMin)
        {
            return new Utf8Text(bytes.ToArray());
        }

        if (t_chunk is null || t_chunk.Length - t_used < bytes.Length)
        {
            t_chunk = GC.AllocateUninitializedArray<byte>(ChunkBytes);
            t_used = 0;
        }

        int start = t_used;
        bytes.CopyTo(t_chunk.AsSpan(start));
        t_used = start + bytes.Length;
        return new Utf8Text(t_chunk, start, bytes.Length);
    }
}
