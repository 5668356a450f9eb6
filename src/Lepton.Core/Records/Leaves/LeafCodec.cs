namespace Lepton.Core.Records.Leaves;

/// <summary>A leaf as a codec of its own.</summary>
internal sealed class LeafCodec<T, TLeaf>(int bytesMin) : RecordCodec<T>
    where TLeaf : ILeaf<T>
{
    internal override int BytesMin => bytesMin;

    public override void Write(RecordWriter writer, T value) => TLeaf.Write(writer, value);

    public override T Read(ref RecordReader reader) => TLeaf.Read(ref reader);
}
