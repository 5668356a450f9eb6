namespace Lepton.Core.Records.Compilation;

/// <summary>A codec that others may refer to before its own plan is made: what recursive types need.</summary>
internal interface ICompiledCodec
{
    void Complete(CompositePlan plan);
}

/// <summary>Emitted code. The value goes by reference, so that a large struct is not copied once more.</summary>
internal delegate void RecordWrite<T>(RecordWriter writer, ref T value);

/// <summary>Emitted code.</summary>
internal delegate T RecordRead<T>(ref RecordReader reader);
