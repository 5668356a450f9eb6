namespace Lepton.Storage.Hosting;

/// <summary>A storage node can't start, or go on. The message says what was wrong, where, and what to do.</summary>
public sealed class StorageException : Exception
{
    internal StorageException(string message, Exception? inner = null, bool isDiskFailure = false)
        : base(message, inner) => IsDiskFailure = isDiskFailure;

    /// <summary>Whether a disk failed while the node ran.</summary>
    public bool IsDiskFailure { get; }
}
