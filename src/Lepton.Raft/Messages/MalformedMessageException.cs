namespace Lepton.Raft.Messages;

/// <summary>Bytes that are no message, or no membership, of this version. Nothing was changed by them.</summary>
public sealed class MalformedMessageException(string message) : FormatException(message);
