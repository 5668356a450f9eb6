using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;

namespace Lepton.Raft.Tests.Hosting;

/// <summary>A state that is the list of the commands that were applied, of one byte each.</summary>
internal sealed class ListMachine : IStateMachine
{
    private List<byte> _commands = [];

    public IReadOnlyList<byte> Commands => _commands;

    public int Restored { get; private set; }

    /// <summary>Whether it refuses snapshots.</summary>
    public bool Refuses { get; set; }

    /// <summary>Before a snapshot is written; it may throw.</summary>
    public Action OnWriteSnapshot { get; set; } = () => { };

    public object? Apply(LogIndex index, Term term, ReadOnlyMemory<byte> command)
    {
        _commands.Add(command.Span[0]);
        return null;
    }

    public void MembershipCommitted(LogIndex index, ClusterMembership membership)
    {
    }

    public void BatchApplied(LogIndex lastApplied)
    {
    }

    public IStateSnapshot CaptureSnapshot() => new Captured([.. _commands], OnWriteSnapshot);

    public void Restore(SnapshotMeta meta, Stream data)
    {
        if (Refuses)
        {
            throw new InvalidDataException("The state does not know this format: a fault of the test's.");
        }

        using MemoryStream bytes = new();
        data.CopyTo(bytes);
        _commands = [.. bytes.ToArray()];
        Restored++;
    }

    private sealed class Captured(byte[] commands, Action before) : IStateSnapshot
    {
        public void WriteTo(Stream data, CancellationToken cancellationToken)
        {
            before();
            data.Write(commands);
        }

        public void Dispose()
        {
        }
    }
}
