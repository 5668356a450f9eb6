using Lepton.Coordination.Client.Failures;

namespace Lepton.Coordination.Client.Transport;

/// <summary>What a call is.</summary>
/// <param name="What">In words that fit into a sentence, such as "the put of 'mode'".</param>
/// <param name="Kind">What repeating it would do.</param>
/// <param name="NeedsLeader">Whether it makes sense without a leader.</param>
internal readonly record struct CallDescription(string What, CallKind Kind, bool NeedsLeader = true);
