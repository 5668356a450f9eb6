namespace Lepton.Raft.Disk;

/// <summary>
/// A data directory that this node can't or must not use: it can't be read, another process has it open, it belongs to
/// another cluster or node, a newer version wrote it, or its log is lost. Nothing in it was changed.
/// </summary>
public sealed class DataDirectoryException(string message, Exception? innerException = null)
    : IOException(message, innerException);
