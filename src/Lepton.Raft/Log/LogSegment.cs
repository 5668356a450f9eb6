using Lepton.Raft.Disk;

namespace Lepton.Raft.Log;

/// <summary>A segment that is open. Owns its file.</summary>
internal sealed class LogSegment(ulong sequence, string name, IDiskFile file, int sectors) : IDisposable
{
    public ulong Sequence => sequence;

    public string Name => name;

    public IDiskFile File => file;

    /// <summary>Its size in sectors.</summary>
    public int Sectors => sectors;

    /// <summary>Whether something in it could not be read: its blocks are not used again.</summary>
    public bool IsDamaged { get; init; }

    public void Dispose() => file.Dispose();
}
