using Google.Protobuf;

namespace Lepton.Coordination.State;

/// <summary>What applying a command gave.</summary>
/// <param name="Failure">Why there is no response.</param>
/// <param name="Response">The response of etcd's protocol; its header holds the revision alone. Null for a failure, and
/// for commands that nobody waits for.</param>
/// <param name="Revision">The store's revision after the command.</param>
internal sealed record CommandResult(CommandFailure Failure, IMessage? Response, long Revision);
