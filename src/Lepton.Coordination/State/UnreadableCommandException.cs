namespace Lepton.Coordination.State;

/// <summary>
/// The log holds a command that this version can't read. To skip it would make this node's state differ from the
/// others' in silence, so the node stops.
/// </summary>
internal sealed class UnreadableCommandException(string message, Exception? inner = null) : Exception(message, inner);
