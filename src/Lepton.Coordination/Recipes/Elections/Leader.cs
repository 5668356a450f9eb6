using Lepton.Coordination.Client;

namespace Lepton.Coordination.Recipes;

/// <summary>Who leads.</summary>
/// <param name="Value">What the leader says of itself.</param>
/// <param name="FencingToken">Its token: larger than that of every leader before.</param>
/// <param name="Key">The key that is there for as long as it leads.</param>
public sealed record Leader(Bytes Value, Revision FencingToken, Bytes Key);
