namespace Lepton.Core.Records.Collections;

/// <summary>
/// Which codec serves a collection, and the types whose codecs its constructor takes. A part with a name is a step of the path that
/// refusals print; one without is the same collection in another form.
/// </summary>
internal sealed record CollectionShape(Type Codec, Type[] Arguments, params (string? Name, Type Type)[] Parts);
