using Lepton.Core.Records.Compilation;

namespace Lepton.Core.Records.Collections;

/// <summary>
/// Which codec serves a collection, and the types whose codecs its constructor takes. A part with a name is a step of
/// the path that refusals print; one without is the same collection in another form.
/// </summary>
internal sealed class CollectionShape(Type codec, Type[] arguments, params PathStep[] parts)
{
    public Type Codec { get; } = codec;

    public Type[] Arguments { get; } = arguments;

    public PathStep[] Parts { get; } = parts;
}
