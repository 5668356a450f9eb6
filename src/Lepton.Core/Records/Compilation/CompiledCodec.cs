namespace Lepton.Core.Records.Compilation;

/// <summary>A codec for a record, class or struct whose code is emitted when it is first used in that direction.</summary>
internal sealed class CompiledCodec<T> : RecordCodec<T>, ICompiledCodec
{
    private CompositePlan? _plan;
    private RecordWrite<T> _write;
    private RecordRead<T> _read;

    public CompiledCodec()
    {
        // These put the real code in their own place, so that no later call has to ask whether it is there.
        _write = EmitAndWrite;
        _read = EmitAndRead;
    }

    internal override int BytesMin => _plan is null ? 1 : _plan.BytesMin;

    public void Complete(CompositePlan plan)
    {
        Invariant.Check(_plan is null && plan.Type == typeof(T));
        _plan = plan;
    }

    public override void Write(RecordWriter writer, T value) => _write(writer, ref value);

    public override T Read(ref RecordReader reader) => _read(ref reader);

    private void EmitAndWrite(RecordWriter writer, ref T value)
    {
        Invariant.Check(_plan is not null);
        RecordWrite<T> write = WriteEmitter.Emit<T>(_plan);
        _write = write;
        write(writer, ref value);
    }

    private T EmitAndRead(ref RecordReader reader)
    {
        Invariant.Check(_plan is not null);
        RecordRead<T> read = ReadEmitter.Emit<T>(_plan);
        _read = read;
        return read(ref reader);
    }
}
