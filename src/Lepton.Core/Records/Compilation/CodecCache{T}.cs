namespace Lepton.Core.Records.Compilation;

/// <summary>The way past the look-up for types known at compile time.</summary>
internal static class CodecCache<T>
{
    /// <summary>Null for types that are refused: a static constructor that throws would hide the reason.</summary>
    public static readonly RecordCodec<T>? Codec = CodecCompiler.TryCompile(typeof(T)) as RecordCodec<T>;
}
