namespace Lepton.Raft.Disk;

/// <summary>A disk did not do what it was asked to, and what it holds is not known any more. The node stops.</summary>
public sealed class DiskFailedException(string message, Exception? innerException = null)
    : IOException(message, innerException);
