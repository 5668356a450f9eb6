using Lepton.Core.Records;

namespace Lepton.Compute.Tests.Shuffle;

/// <summary>A number whose codec counts how often it writes, on each thread by itself.</summary>
[RecordCodec(typeof(Codec))]
internal readonly record struct Metered(int Value)
{
    [ThreadStatic]
    private static long t_writes;

    public static long Writes => t_writes;

    private sealed class Codec : RecordCodec<Metered>
    {
        public override void Write(RecordWriter writer, Metered value)
        {
            t_writes++;
            writer.WriteVarUInt64((uint)value.Value);
        }

        public override Metered Read(ref RecordReader reader) => new((int)reader.ReadVarUInt64());
    }
}
