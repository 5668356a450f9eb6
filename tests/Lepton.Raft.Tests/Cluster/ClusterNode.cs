using System.Buffers.Binary;
using Lepton.Core.Hashing;
using Lepton.Raft.Core;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Tests.Cluster;

/// <summary>One node: a core, a log in memory and a state machine that is a hash of what it applied.</summary>
internal sealed class ClusterNode(RaftCluster cluster, NodeId id)
{
    private const int SnapshotBytes = 64;
    private readonly Dictionary<ulong, LogIndex> _readFloors = [];
    private readonly Queue<RaftEffects> _waiting = new();
    private ulong _starts;
    private byte[] _snapshotData = new byte[SnapshotBytes];
    private (SnapshotMeta Meta, byte[] Data, int Length)? _partial;

    public NodeId Id => id;

    public RaftCore Core { get; private set; } = null!;

    public MemoryLog Log { get; } = new();

    public bool IsUp { get; private set; }

    /// <summary>Whether writes wait for <see cref="Sync"/> rather than being durable at once.</summary>
    public bool IsDiskSlow { get; set; }

    public bool IsDiskFull { get; set; }

    public LogIndex Applied { get; private set; }

    public ulong StateHash { get; private set; }

    public List<LogEntry> Entries { get; } = [];

    public List<ConfirmedRead> Confirmed { get; } = [];

    public List<FailedRead> Failed { get; } = [];

    public List<ProposalOutcome> Outcomes { get; } = [];

    public RaftRole Role => Core.Role;

    public void Start(RaftOptions options)
    {
        _starts++;
        IsUp = true;
        IsDiskSlow = false;
        Applied = Log.Snapshot.Index;
        StateHash = BinaryPrimitives.ReadUInt64LittleEndian(_snapshotData);
        Core = new RaftCore(
            options with { Id = id, Seed = StableHash.Combine(StableHash.Combine(options.Seed, id.Value), _starts) },
            Log, Log.HardState, Applied, Log.Damage);
    }

    public void Crash()
    {
        IsUp = false;
        _waiting.Clear();
        _readFloors.Clear();
        Log.Crash();
    }

    public ConsensusFailure? Read(ulong context)
    {
        ConsensusFailure? failure = Core.ReadIndex(context);
        if (failure is null)
        {
            _readFloors[context] = cluster.Checks.Applied;
        }

        return failure;
    }

    /// <summary>Turns until there is nothing to do.</summary>
    public void Settle()
    {
        while (IsUp)
        {
            RaftEffects effects = Core.TakeEffects();
            if (Core.Role == RaftRole.Leader)
            {
                cluster.Checks.Leads(this);
            }

            if (effects.IsEmpty)
            {
                return;
            }

            Carry(effects);
        }
    }

    /// <summary>The oldest write of a slow disk ends.</summary>
    public void Sync()
    {
        if (Log.Unsynced > 0)
        {
            RaftEffects written = Log.SyncOne();
            if (written.Entries.Count > 0)
            {
                Term before = Log.DurableTermOf(written.Entries[0].Index.Previous);
                cluster.Checks.Exist(Id, before, written.Entries);
            }

            Core.Persisted(written.Mark);
            Release();
            if (!Core.IsDamaged)
            {
                Log.Damage = null;
            }

            Settle();
        }
    }

    /// <summary>Replaces the applied part of the log by a snapshot, but for some entries at its end.</summary>
    public void Compact(int keep)
    {
        if (Applied <= Log.Snapshot.Index)
        {
            return;
        }

        ClusterMembership membership = Log.Snapshot.Membership;
        for (LogIndex index = Log.Snapshot.Index.Next; index <= Applied; index = index.Next)
        {
            LogEntry entry = Log.EntryAt(index);
            membership = entry.Kind == EntryKind.Membership ? MembershipCodec.Decode(entry.Data) : membership;
        }

        _snapshotData = new byte[SnapshotBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(_snapshotData, StateHash);
        Log.TakeSnapshot(
            new SnapshotMeta(Applied, Log.TermOf(Applied)!.Value, membership, SnapshotBytes),
            Applied.Next - keep);
    }

    public bool HasDurably(LogEntry entry) => Log.Snapshot.Index >= entry.Index
        || Log.Durable.Any(other => other.Index == entry.Index && other.Term == entry.Term);

    public string Describe() =>
        $"{Id}: {Core.Role} of term {Core.Term}, leader {Core.Leader}, last {Core.LastIndex}, commit {Core.Commit}, " +
        $"applied {Applied}, {(Core.IsDamaged ? "damaged, " : "")}voters {string.Join(' ', Core.Membership.Voters)}" +
        $"{(Core.Membership.IsJoint ? " outgoing " + string.Join(' ', Core.Membership.OutgoingVoters) : "")}" +
        $"{(Core.Membership.Learners.Count > 0 ? " learners " + string.Join(' ', Core.Membership.Learners) : "")}";

    private void Carry(RaftEffects effects)
    {
        cluster.Send(effects.Messages);
        if (effects.MustWrite && IsDiskFull && effects.Entries.Count > 0)
        {
            Core.DiskFull(effects.Mark);
        }
        else
        {
            if (effects.MustWrite)
            {
                Log.Append(effects);
            }

            _waiting.Enqueue(effects);
            Release();
        }

        Apply(effects);
        Snapshots(effects);
        if (!IsDiskSlow)
        {
            while (Log.Unsynced > 0)
            {
                Sync();
            }
        }
    }

    // Messages that wait for a write wait for all the earlier ones too.
    private void Release()
    {
        while (_waiting.TryPeek(out RaftEffects? first) && !Log.IsUnsynced(first))
        {
            _waiting.Dequeue();
            cluster.Send(first.MessagesAfterDurable);
        }
    }

    private void Apply(RaftEffects effects)
    {
        foreach (LogEntry entry in effects.Committed)
        {
            Assert.Equal(Applied.Next, entry.Index);
            cluster.Checks.Applies(this, entry, cluster.Nodes);
            Applied = entry.Index;
            Entries.Add(entry);
            StateHash = StableHash.Combine(StateHash, StableHash.OfBytes(entry.Data.Span));
        }

        foreach (ConfirmedRead read in effects.ConfirmedReads)
        {
            SafetyChecks.Reads(this, read.Index, _readFloors[read.Context]);
        }

        Confirmed.AddRange(effects.ConfirmedReads);
        Failed.AddRange(effects.FailedReads);
        Outcomes.AddRange(effects.Outcomes);
    }

    private void Snapshots(RaftEffects effects)
    {
        foreach (SnapshotRead read in effects.SnapshotReads)
        {
            bool isThere = read.Meta == Log.Snapshot;
            int length = (int)Math.Min(read.BytesMax, SnapshotBytes - read.Offset);
            Core.SnapshotChunkRead(read, isThere ? _snapshotData.AsMemory((int)read.Offset, length) : null);
        }

        foreach (SnapshotWrite write in effects.SnapshotWrites)
        {
            Keep(write);
        }

        if (effects.Install is { } meta)
        {
            (_, byte[] data, _) = _partial!.Value;
            _snapshotData = data;
            _partial = null;
            _waiting.Clear();
            Log.TakeSnapshot(meta, meta.Index.Next);
            Applied = meta.Index;
            StateHash = BinaryPrimitives.ReadUInt64LittleEndian(data);
            Core.SnapshotInstalled(meta);
        }
    }

    private void Keep(SnapshotWrite write)
    {
        if (_partial?.Meta is not { } meta || meta.Index != write.Meta.Index || meta.Term != write.Meta.Term)
        {
            _partial = (write.Meta, new byte[write.Meta.Bytes], 0);
        }

        (SnapshotMeta Meta, byte[] Data, int Length) partial = _partial!.Value;
        if (write.Offset == partial.Length)
        {
            write.Data.CopyTo(partial.Data.AsMemory(partial.Length));
            partial.Length += write.Data.Length;
            _partial = partial;
        }

        Core.SnapshotChunkWritten(write.Meta, partial.Length);
    }
}
