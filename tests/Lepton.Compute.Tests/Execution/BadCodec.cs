using Lepton.Core.Records;

namespace Lepton.Compute.Tests.Execution;

/// <summary>A value whose codec, a user's, fails in one direction.</summary>
[RecordCodec(typeof(Codec))]
public sealed class BadCodec
{
    private readonly bool _onWrite;

    private BadCodec(bool onWrite) => _onWrite = onWrite;

    /// <summary>Can't be written.</summary>
    public static BadCodec OnWrite { get; } = new(true);

    /// <summary>Can't be read.</summary>
    public static BadCodec OnRead { get; } = new(false);

    private sealed class Codec : RecordCodec<BadCodec>
    {
        public override void Write(RecordWriter writer, BadCodec value)
        {
            writer.WriteString("half");
            if (value._onWrite)
            {
                throw new NotSupportedException("not today");
            }
        }

        public override BadCodec Read(ref RecordReader reader) => throw new NotSupportedException("nor tomorrow");
    }
}
