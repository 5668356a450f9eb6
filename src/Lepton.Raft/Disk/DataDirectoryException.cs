namespace Lepton.Raft.Disk;

/// <summary>
/// A data directory that this node must not use: another process has it open, it belongs to another cluster or node, or
/// a newer version wrote it. Nothing in it was changed.
/// </summary>
public sealed class DataDirectoryException(string message, Exception? innerException = null)
    : IOException(message, innerException);
