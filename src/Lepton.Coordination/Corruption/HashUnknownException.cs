namespace Lepton.Coordination.Corruption;

/// <summary>A member's hash could not be learned. That is neither agreement nor difference.</summary>
internal sealed class HashUnknownException(string message, Exception? inner = null) : Exception(message, inner);
