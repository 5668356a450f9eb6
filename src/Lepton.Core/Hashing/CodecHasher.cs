using Lepton.Core.Records;

namespace Lepton.Core.Hashing;

/// <summary>
/// The hash of the bytes that the record codec writes. Thread safe: one spare writer is lent to one caller at a time.
/// </summary>
internal sealed class CodecHasher<T>(RecordCodec<T> codec) : StableHasher<T>
{
    private const int SpareBytesMax = 64 * 1024;
    private RecordWriter? _spare;

    public override ulong Hash(T value)
    {
        if (value is null)
        {
            return StableHash.OfNull;
        }

        RecordWriter writer = Interlocked.Exchange(ref _spare, null) ?? new RecordWriter();
        try
        {
            codec.Write(writer, value);
            return StableHash.OfBytes(writer.WrittenSpan);
        }
        finally
        {
            Return(writer);
        }
    }

    private void Return(RecordWriter writer)
    {
        // A writer that grew for one huge record is let go, so that the hasher, which lives for ever, stays small.
        if (writer.Length > SpareBytesMax)
        {
            writer.Dispose();
            return;
        }

        writer.Clear();
        Interlocked.Exchange(ref _spare, writer)?.Dispose();
    }
}
