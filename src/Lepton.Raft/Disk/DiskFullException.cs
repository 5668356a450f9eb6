namespace Lepton.Raft.Disk;

/// <summary>A disk has no room. What was there is as it was; once there is room again, work can go on.</summary>
public sealed class DiskFullException(string message, Exception? innerException = null)
    : IOException(message, innerException);
