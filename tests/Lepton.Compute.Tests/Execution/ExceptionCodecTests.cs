using Lepton.Compute.Execution;
using Lepton.Core.Records;

namespace Lepton.Compute.Tests.Execution;

/// <summary>An exception arrives, with whatever of it can travel.</summary>
public sealed class ExceptionCodecTests
{
    [Fact]
    public void Encode_FieldsCodecThrows_TravelsWithoutTheField()
    {
        (Exception thrown, string stack) = Sent(new BadFieldException(BadCodec.OnWrite));

        BadFieldException arrived = Assert.IsType<BadFieldException>(thrown);
        Assert.Equal("bad luck", arrived.Message);
        Assert.Null(arrived.Field);
        Assert.Equal(42, arrived.Number);
        Assert.Contains(nameof(Sent), stack, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_FieldsCodecCantBeMade_TravelsWithoutTheField()
    {
        (Exception thrown, _) = Sent(new UnmadeCodecException());

        Assert.Equal("worse luck", Assert.IsType<UnmadeCodecException>(thrown).Message);
    }

    [Fact]
    public void Decode_FieldsCodecThrows_GivesARemoteExceptionThatNamesIt()
    {
        (Exception thrown, string stack) = Sent(new BadFieldException(BadCodec.OnRead));

        RemoteException arrived = Assert.IsType<RemoteException>(thrown);
        Assert.Equal(typeof(BadFieldException).FullName, arrived.TypeName);
        Assert.Equal($"{arrived.TypeName}: bad luck", arrived.Message);
        Assert.Contains(nameof(Sent), stack, StringComparison.Ordinal);
    }

    private static (Exception Thrown, string Stack) Sent(Exception e) =>
        ExceptionCodec.Decode(ExceptionCodec.Encode(Assert.Throws(e.GetType(), (Action)(() => throw e))));

    /// <summary>An exception of a user, one of whose fields has a codec that fails.</summary>
    public sealed class BadFieldException(BadCodec field) : Exception("bad luck")
    {
        public BadCodec? Field { get; } = field;

        public int Number { get; } = 42;
    }

    /// <summary>An exception of a user, one of whose fields has a codec that can't be made.</summary>
    public sealed class UnmadeCodecException() : Exception("worse luck")
    {
        public Unmade Field { get; } = new(1);
    }

    /// <summary>A value whose codec can't be made.</summary>
    [RecordCodec(typeof(Codec))]
    public readonly record struct Unmade(int Value)
    {
        private sealed class Codec : RecordCodec<Unmade>
        {
            public Codec() => throw new NotSupportedException("no codec today");

            public override void Write(RecordWriter writer, Unmade value) => writer.WriteVarInt64(value.Value);

            public override Unmade Read(ref RecordReader reader) => new((int)reader.ReadVarInt64());
        }
    }
}
