using System.Collections.Immutable;
using Google.Protobuf;
using Lepton.Coordination.Leases;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Store;
using Lepton.Coordination.Watch;
using Lepton.Core;
using Lepton.Core.Hashing;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;

namespace Lepton.Coordination.State;

/// <summary>
/// What the cluster agrees on: keys, leases, alarms and where clients reach members. It follows from the log alone: no
/// clock, no random number, no option of this node and nothing that only this node has freed takes part in
/// <see cref="Apply"/>.
/// </summary>
internal sealed class CoordinationState : IStateMachine
{
    /// <summary>Versions that are freed at most after each batch of commands, so that none waits long.</summary>
    public const int PrunedPerBatchMax = 2048;

    private readonly ILeaseObserver? _observer;
    private readonly uint _commandFormatMax;
    private KvStore _store = new();
    private LeaseTable _leases = new();
    private WriterView _view;
    private StateManifest _manifest = StateManifest.Empty;
    private long _applied;

    /// <summary>An empty state.</summary>
    /// <param name="observer">Who keeps the time of leases; null where nobody does.</param>
    /// <param name="watchBufferChangesMax">Changes that a watcher's buffer holds at most.</param>
    /// <param name="commandFormatMax">The newest format of commands that can be read.</param>
    public CoordinationState(
        ILeaseObserver? observer = null, int watchBufferChangesMax = WatchHub.BufferChangesMax,
        uint commandFormatMax = StateManifest.CommandFormatMax)
    {
        _observer = observer;
        _commandFormatMax = commandFormatMax;
        _view = new WriterView(_store, _leases);
        Watches = new WatchHub(_store, watchBufferChangesMax);
    }

    /// <summary>The keys. A snapshot from the leader puts another store here; a read that has begun goes on with the
    /// old one.</summary>
    public KvStore Store => Volatile.Read(ref _store);

    /// <summary>The leases. A snapshot from the leader puts another table here.</summary>
    public LeaseTable Leases => Volatile.Read(ref _leases);

    /// <summary>The watches.</summary>
    public WatchHub Watches { get; }

    /// <summary>The rest of the state.</summary>
    public StateManifest Manifest => Volatile.Read(ref _manifest);

    /// <summary>The last entry of the log that is in the state.</summary>
    public LogIndex Applied => new(Volatile.Read(ref _applied));

    /// <summary>Tells each membership that is agreed on, in order. By the thread that applies.</summary>
    public event Action<ClusterMembership>? MembershipAgreed;

    /// <summary>Whether memory of compacted versions could be freed now, by <see cref="Prune"/>.</summary>
    public bool HasGarbage { get; private set; }

    /// <inheritdoc/>
    public object? Apply(LogIndex index, Term term, ReadOnlyMemory<byte> command)
    {
        var parsed = Parse(index, command.Span);
        MoveTo(index);
        return Carry(parsed, index, term);
    }

    /// <inheritdoc/>
    public void MembershipCommitted(LogIndex index, ClusterMembership membership)
    {
        MoveTo(index);
        var gone = _manifest.ClientUrls.Keys.Where(id => membership.Members.All(member => member.Id.Value != id));
        Set(_manifest with { ClientUrls = _manifest.ClientUrls.RemoveRange(gone) });
        MembershipAgreed?.Invoke(membership);
    }

    /// <inheritdoc/>
    public void BatchApplied(LogIndex lastApplied)
    {
        if (lastApplied > Applied)
        {
            MoveTo(lastApplied);
        }

        Watches.Publish();
        Prune(PrunedPerBatchMax);
    }

    /// <summary>Frees memory of compacted versions, a bounded number at a time. By the thread that applies.</summary>
    /// <returns>Whether there is more to free now.</returns>
    public bool Prune(int versionsMax)
    {
        HasGarbage = _store.Prune(versionsMax);
        return HasGarbage;
    }

    /// <inheritdoc/>
    public IStateSnapshot CaptureSnapshot() => new StateSnapshot(Applied, _manifest, _leases.TtlSeconds, _store);

    /// <inheritdoc/>
    public void Restore(SnapshotMeta meta, Stream data)
    {
        var read = SnapshotReader.Read(data);
        if (read.Applied > meta.Index)
        {
            throw new InvalidDataException(
                $"The snapshot says that it ends at entry {meta.Index}, but its state has applied {read.Applied}. "
                + "File and description do not belong together; take the snapshot of another member.");
        }

        CheckFormat(read.Manifest.CommandFormat, $"The snapshot at entry {meta.Index}");

        Volatile.Write(ref _store, read.Store);
        Volatile.Write(ref _leases, read.Leases);
        _view = new WriterView(read.Store, read.Leases);
        Set(read.Manifest);
        Volatile.Write(ref _applied, meta.Index.Value);
        Watches.Replace(read.Store);
        _observer?.Replaced(read.Leases);
        MembershipAgreed?.Invoke(meta.Membership);
    }

    private static Command Parse(LogIndex index, ReadOnlySpan<byte> bytes)
    {
        Command command;
        try
        {
            command = Command.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new UnreadableCommandException(
                $"Entry {index} of the log is no command ({e.Message}). This node stops before its state differs from "
                + "the others'; start it with the version that the others run.",
                e);
        }

        if (command.RequestCase == Command.RequestOneofCase.None)
        {
            throw new UnreadableCommandException(
                $"Entry {index} of the log is a command of a kind that this version does not know. This node stops "
                + "before its state differs from the others'; start it with the version that the others run.");
        }

        return command;
    }

    private CommandResult Carry(Command command, LogIndex index, Term term)
    {
        var refused = Refusal(command);
        if (refused != CommandFailure.None)
        {
            return Failed(refused);
        }

        return command.RequestCase switch
        {
            Command.RequestOneofCase.Put => Put(command.Put),
            Command.RequestOneofCase.DeleteRange => DeleteRange(command.DeleteRange),
            Command.RequestOneofCase.Txn => Txn(command.Txn),
            Command.RequestOneofCase.Compaction => Compact(command.Compaction),
            Command.RequestOneofCase.LeaseGrant => Grant(command.LeaseGrant, index),
            Command.RequestOneofCase.LeaseRevoke => Revoke(command.LeaseRevoke),
            Command.RequestOneofCase.LeaseExpire => Expire(command.LeaseExpire, term),
            Command.RequestOneofCase.Alarm => Done(SetAlarm(command.Alarm)),
            Command.RequestOneofCase.MemberAttributes => SetAttributes(command.MemberAttributes),
            Command.RequestOneofCase.ClusterVersion => SetVersion(command.ClusterVersion, index),
            _ => throw new UnreadableCommandException(
                $"Entry {index} of the log is a command of kind {command.RequestCase}, which this version can't carry "
                + "out. Start this node with the version that the others run."),
        };
    }

    private CommandFailure Refusal(Command command)
    {
        if (_manifest.Alarms.IsEmpty)
        {
            return CommandFailure.None;
        }

        var kind = command.RequestCase;
        var isAdministration = kind is Command.RequestOneofCase.Alarm or Command.RequestOneofCase.MemberAttributes
            or Command.RequestOneofCase.ClusterVersion;
        if (_manifest.IsOn(AlarmType.Corrupt) && !isAdministration)
        {
            return CommandFailure.Corrupt;
        }

        var grows = kind is Command.RequestOneofCase.Put or Command.RequestOneofCase.LeaseGrant
            || (kind == Command.RequestOneofCase.Txn && Puts(command.Txn));
        return grows && _manifest.IsOn(AlarmType.Nospace) ? CommandFailure.NoSpace : CommandFailure.None;
    }

    private static bool Puts(TxnRequest request) => request.Success.Concat(request.Failure).Any(operation =>
        operation.RequestCase == RequestOp.RequestOneofCase.RequestPut
        || (operation.RequestCase == RequestOp.RequestOneofCase.RequestTxn && Puts(operation.RequestTxn)));

    private CommandResult Put(PutRequest request)
    {
        var failure = PutCheck.Check(_view, request);
        if (failure != CommandFailure.None)
        {
            return Failed(failure);
        }

        _store.Begin();
        var response = _view.Put(request);
        _store.End();
        return Done(response);
    }

    private CommandResult DeleteRange(DeleteRangeRequest request)
    {
        _store.Begin();
        var response = _view.DeleteRange(request);
        _store.End();
        return Done(response);
    }

    private CommandResult Txn(TxnRequest request)
    {
        _store.Begin();
        var result = new TxnRunner(_view).Run(request);
        _store.End();
        return result;
    }

    private CommandResult Compact(CompactionRequest request)
    {
        var failure = _store.Compact(request.Revision);
        return failure == ReadFailure.None
            ? Done(new CompactionResponse { Header = Messages.Header(_store.Revision) })
            : Failed(Messages.ToFailure(failure));
    }

    private CommandResult Grant(LeaseGrantRequest request, LogIndex index)
    {
        var id = request.ID;
        for (var salt = index.Value; id == 0 || (request.ID == 0 && _leases.Contains(id)); salt = id + 1)
        {
            id = (long)(StableHash.Mix((ulong)salt) & long.MaxValue);
        }

        switch (_leases.Grant(id, request.TTL, out var granted))
        {
            case LeaseFailure.Exists:
                return Failed(CommandFailure.LeaseExists);
            case LeaseFailure.TtlTooLarge:
                return Failed(CommandFailure.LeaseTtlTooLarge);
            default:
                _observer?.Granted(id, granted);
                var header = Messages.Header(_store.Revision);
                return Done(new LeaseGrantResponse { Header = header, ID = id, TTL = granted });
        }
    }

    private CommandResult Revoke(LeaseRevokeRequest request)
    {
        if (!End(request.ID))
        {
            return Failed(CommandFailure.LeaseNotFound);
        }

        return Done(new LeaseRevokeResponse { Header = Messages.Header(_store.Revision) });
    }

    private CommandResult Expire(LeaseExpire request, Term term)
    {
        // Whoever leads in another term has given the leases their whole time again.
        if (request.Term == (ulong)term.Value)
        {
            foreach (var id in request.Ids)
            {
                End(id);
            }
        }

        return Done(null);
    }

    /// <summary>Ends a lease and deletes its keys, in ascending order and one revision.</summary>
    private bool End(long id)
    {
        if (_leases.KeysOf(id) is not { } keys)
        {
            return false;
        }

        _store.Begin();
        foreach (var key in keys)
        {
            _view.Delete(key);
        }

        _store.End();
        _leases.Remove(id);
        _observer?.Ended(id);
        return true;
    }

    private AlarmResponse SetAlarm(AlarmRequest request)
    {
        var response = new AlarmResponse { Header = Messages.Header(_store.Revision) };
        var alarm = (request.MemberID, request.Alarm);
        switch (request.Action)
        {
            case AlarmRequest.Types.AlarmAction.Activate when request.Alarm != AlarmType.None:
                Set(_manifest with { Alarms = _manifest.Alarms.Add(alarm) });
                response.Alarms.Add(new AlarmMember { MemberID = request.MemberID, Alarm = request.Alarm });
                break;
            case AlarmRequest.Types.AlarmAction.Deactivate when _manifest.Alarms.Contains(alarm):
                Set(_manifest with { Alarms = _manifest.Alarms.Remove(alarm) });
                response.Alarms.Add(new AlarmMember { MemberID = request.MemberID, Alarm = request.Alarm });
                break;
            default:
                break;
        }

        return response;
    }

    private CommandResult SetAttributes(MemberAttributes request)
    {
        var urls = _manifest.ClientUrls.SetItem(request.MemberId, [.. request.ClientUrls]);
        Set(_manifest with { ClientUrls = urls });
        return Done(null);
    }

    private CommandResult SetVersion(ClusterVersion request, LogIndex index)
    {
        CheckFormat(request.Format, $"Entry {index} of the log");
        Set(_manifest with { CommandFormat = Math.Max(_manifest.CommandFormat, request.Format) });
        return Done(null);
    }

    private void CheckFormat(uint format, string where)
    {
        if (format > _commandFormatMax)
        {
            throw new UnreadableCommandException(
                $"{where} says that commands have format {format} from there on; this version reads formats up to "
                + $"{_commandFormatMax}. Start this node with a newer version.");
        }
    }

    /// <summary>Each entry counts once: one that comes again, after a restart, would be applied on top of
    /// itself.</summary>
    private void MoveTo(LogIndex index)
    {
        Invariant.Check(index > Applied);
        Volatile.Write(ref _applied, index.Value);
    }

    private void Set(StateManifest manifest) => Volatile.Write(ref _manifest, manifest);

    private CommandResult Done(IMessage? response) => new(CommandFailure.None, response, _store.Revision);

    private CommandResult Failed(CommandFailure failure) => new(failure, null, _store.Revision);
}
