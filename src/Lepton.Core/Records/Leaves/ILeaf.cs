namespace Lepton.Core.Records.Leaves;

/// <summary>
/// How values of one type are written and read when no other codec is needed for it. Compiled codecs call these static
/// methods directly, so that the JIT inlines them.
/// </summary>
internal interface ILeaf<T>
{
    static abstract void Write(RecordWriter writer, T value);

    static abstract T Read(ref RecordReader reader);
}
