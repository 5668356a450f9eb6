using System.Runtime.CompilerServices;

namespace Lepton.Core.Records.Compilation;

/// <summary>
/// Codecs by type. An entry lives as long as its type, so that a collectible assembly whose records were coded can unload.
/// </summary>
internal static class CodecCache
{
    private static readonly ConditionalWeakTable<Type, RecordCodec> Codecs = [];

    public static RecordCodec? Find(Type type) => Codecs.TryGetValue(type, out RecordCodec? codec) ? codec : null;

    /// <summary>Keeps <paramref name="codec"/> unless another thread was first, and returns the one that is kept.</summary>
    public static RecordCodec Keep(Type type, RecordCodec codec) => Codecs.GetOrAdd(type, codec);
}
