using Lepton.Raft.Core;
using Lepton.Raft.Disk;
using Lepton.Raft.Hosting;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;
using Lepton.Raft.Tests.Cluster;

namespace Lepton.Raft.Tests.Hosting;

/// <summary>Node 2 of three on a disk of its own; the test plays the leader, which is node 1 in term 2.</summary>
internal sealed class NodeFixture : INodeSurroundings, IDisposable
{
    public static readonly NodeId Leader = new(1);
    public static readonly Term Term = new(2);
    private readonly string _path = Directory.CreateTempSubdirectory("lepton-node-").FullName;
    private readonly FileDisk _directory;

    public NodeFixture(
        Func<RaftNodeOptions, RaftNodeOptions>? change = null, ClusterMembership? membership = null)
    {
        _directory = FileDisk.OpenDirectory(_path);
        Disk = new FaultyDisk(_directory);
        LogIdentity identity = new(0xC1, new NodeId(2));
        Store = SnapshotStore.Open(Disk, identity);
        Log = new FullLog(SegmentedLog.Open(Disk, identity, SnapshotMeta.None));
        Log.Append([Bootstrap.FirstEntry(membership ?? Three)], Bootstrap.HardState);
        Log.Sync();
        Options = new RaftNodeOptions { Core = new RaftOptions { Id = new NodeId(2), Seed = 5 } };
        Options = change is null ? Options : change(Options);
        Node = new RaftNode(Options, 77, Log, Store, Machine, this);
        Turn();
    }

    public static ClusterMembership Three { get; } =
        MembershipChanger.OfVoters([.. Enumerable.Range(1, 3).Select(RaftCluster.MemberOf)]);

    /// <summary>The node by itself, for tests without another.</summary>
    public static ClusterMembership Alone { get; } = MembershipChanger.OfVoters([RaftCluster.MemberOf(2)]);

    public FaultyDisk Disk { get; }

    public SnapshotStore Store { get; }

    public FullLog Log { get; }

    public ListMachine Machine { get; } = new();

    public RaftNodeOptions Options { get; }

    public RaftNode Node { get; }

    public List<RaftMessage> Sent { get; } = [];

    public List<SnapshotJob> Jobs { get; } = [];

    /// <summary>Commands from an index on, each its own index.</summary>
    public static LogEntry[] Commands(long from, int count, int bytes = 1) =>
        [.. Enumerable.Range(0, count).Select(i =>
        {
            byte[] command = new byte[bytes];
            command[0] = (byte)(from + i);
            return new LogEntry(
                Term, new LogIndex(from + i), EntryKind.Command, CommandEnvelope.Wrap(9, 9, command));
        })];

    /// <summary>Entries of the leader's behind the one at <paramref name="previous"/>.</summary>
    public static RaftMessage.Append Append(long previous, long commit, params LogEntry[] entries) => new(
        Leader, new NodeId(2), Term, new LogIndex(previous), previous <= 1 ? new Term(previous) : Term, entries,
        new LogIndex(commit), Epoch: 0, IsNotice: false);

    /// <summary>A snapshot as another node took it: what it is, and its bytes.</summary>
    public static (SnapshotMeta Meta, byte[] Data) SnapshotOf(long index, params byte[] commands)
    {
        string path = Directory.CreateTempSubdirectory("lepton-snapshot-").FullName;
        try
        {
            using FileDisk disk = FileDisk.OpenDirectory(path);
            SnapshotStore store = SnapshotStore.Open(disk, new LogIdentity(0xC1, Leader));
            using SnapshotOutputStream writer = store.Create(new LogIndex(index), Term, Three);
            writer.Write(commands);
            SnapshotMeta meta = writer.Complete();
            byte[] data = new byte[meta.Bytes];
            using SnapshotReader reader = store.TryOpen(meta)!;
            Assert.Equal(data.Length, reader.Read(0, data));
            return (meta, data);
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>All of a snapshot in one piece; without data, the question how much there is.</summary>
    public static RaftMessage.SnapshotChunk Chunk(SnapshotMeta meta, byte[] data) => new(
        Leader, new NodeId(2), Term, meta, 0, data, IsDone: data.Length > 0, Epoch: 0);

    public static RaftMessage.Heartbeat Heartbeat(long commit) =>
        new(Leader, new NodeId(2), Term, new LogIndex(commit), 1, 0);

    /// <summary>Gives the node messages, all before its next turn, and turns until it has nothing to do.</summary>
    public void Receive(params RaftMessage[] messages)
    {
        foreach (RaftMessage message in messages)
        {
            Node.Receive(message);
        }

        Turn();
    }

    public void Turn()
    {
        while (Node.Turn())
        {
        }
    }

    /// <summary>The messages of one kind that were sent since the last time.</summary>
    public T[] Take<T>()
        where T : RaftMessage
    {
        T[] taken = [.. Sent.OfType<T>()];
        Sent.Clear();
        return taken;
    }

    void INodeSurroundings.Send(IReadOnlyList<RaftMessage> messages) => Sent.AddRange(messages);

    void INodeSurroundings.RunSnapshotJob(SnapshotJob job) => Jobs.Add(job);

    public void Dispose()
    {
        Node.Dispose();
        Log.Dispose();
        _directory.Dispose();
        Directory.Delete(_path, recursive: true);
    }
}
