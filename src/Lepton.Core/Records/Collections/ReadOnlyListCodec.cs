namespace Lepton.Core.Records.Collections;

/// <summary>Read-only list interfaces: any list goes in, an array comes out.</summary>
internal sealed class ReadOnlyListCodec<TList, T>(RecordCodec<T[]> array, RecordCodec<List<T>> list) : RecordCodec<TList?>
    where TList : class
{
    internal override int BytesMin => array.BytesMin;

    public override void Write(RecordWriter writer, TList? value) => AnyList.Write(writer, value, array, list);

    public override TList? Read(ref RecordReader reader) => (TList?)(object?)array.Read(ref reader);
}
