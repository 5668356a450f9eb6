using System.Collections.Immutable;
using Lepton.Coordination.Client;

namespace Lepton.Coordination.Recipes.Registry;

/// <summary>The keys of a range as they are at one revision.</summary>
internal sealed record RangeState(Revision Revision, ImmutableSortedDictionary<Bytes, KeyValue> Entries);
