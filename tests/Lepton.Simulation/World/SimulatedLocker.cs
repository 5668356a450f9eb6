using System.Globalization;
using Google.Protobuf;
using Lepton.Coordination.Leases;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Services;
using Lepton.Coordination.State;
using Lepton.Coordination.Store;
using Lepton.Core.Randomness;
using Lepton.Raft;

namespace Lepton.Simulation.World;

/// <summary>
/// One who takes a lock again and again, as the recipe does: a lease that it keeps alive, a place in the lock's queue
/// on that lease, and its turn when nobody is before it. It believes to hold the lock until it gives it back, is told
/// that the lease has ended, or the lease's time is over by its own clock. Whatever a node refuses it asks for again at
/// another.
/// </summary>
internal sealed class SimulatedLocker(SimulatedCluster cluster, int number, SeededRandom random)
{
    private const string Places = "lock/";
    private const string PlacesEnd = "lock0";
    private const long PatienceUs = 2_000_000;

    /// <summary>How often a thing is asked for: spare nodes and elections refuse it meanwhile.</summary>
    private const int TriesMax = 20;

    // The leader counts in whole milliseconds.
    private const long TtlUs = (LeaseTable.TtlSecondsMin * 1_000_000) - 1_000;
    private int _attempts;
    private long _lease;
    private long _deadlineUs;
    private long _place;
    private bool _holds;

    /// <summary>The places in the lock's queue that a store holds, in no order.</summary>
    public static IReadOnlyList<KeyValue> PlacesIn(KvStore store) =>
        ((RangeResponse)Reads.Range(store, PlacesUpTo(0)).Response!).Kvs;

    /// <summary>Begins the next attempt after a while, as long as clients are to go on.</summary>
    public void Begin()
    {
        (_lease, _deadlineUs, _holds) = (0, 0, false);
        cluster.Leases.Released(number);
        cluster.Events.After(random.NextInt32(400_000), () =>
        {
            if (cluster.ClientsRun)
            {
                Grant();
            }
        });
    }

    private void Grant()
    {
        long lease = _lease = ((number + 1) * 1_000_000L) + ++_attempts;
        long sentAt = cluster.Events.NowUs;
        Command command = new()
        {
            LeaseGrant = new LeaseGrantRequest { ID = lease, TTL = LeaseTable.TtlSecondsMin },
        };
        Propose(lease, command, _ =>
        {
            Lives(lease, sentAt);
            if (_deadlineUs == 0)
            {
                Begin();
                return;
            }

            KeepAliveLater(lease);
            Join(lease);
        });
    }

    private void Join(long lease)
    {
        Command command = new() { Put = new PutRequest { Key = KeyOf(lease), Lease = lease } };
        Propose(lease, command, result =>
        {
            _place = result.Revision;
            AskForTurn(lease);
        });
    }

    /// <summary>Asks, in one step, whether its place is still there and who is before it.</summary>
    private void AskForTurn(long lease)
    {
        TxnRequest txn = new()
        {
            Compare =
            {
                new Compare
                {
                    Key = KeyOf(lease), Target = Compare.Types.CompareTarget.Create, CreateRevision = _place,
                },
            },
        };
        txn.Success.Add(new RequestOp
        {
            RequestRange = PlacesUpTo(_place - 1),
        });
        Read(lease, txn, answer =>
        {
            if (!answer.Succeeded)
            {
                Begin();
            }
            else if (answer.Responses[0].ResponseRange.Kvs.Count > 0)
            {
                Later(lease, 20_000 + random.NextInt32(150_000), () => AskForTurn(lease));
            }
            else
            {
                Hold(lease);
            }
        });
    }

    private void Hold(long lease)
    {
        _holds = true;
        cluster.Faults.Hit(Fault.LockTaken);
        cluster.Leases.Holds(number, _place, _deadlineUs);
        Later(lease, 20_000 + random.NextInt32(1_500_000), () => Release(lease));
    }

    /// <summary>Gives the lock back; now and then it dies instead, and the lease's end has to free it.</summary>
    private void Release(long lease)
    {
        if (random.NextInt32(4) > 0)
        {
            Revoke(lease, TriesMax);
        }

        Begin();
    }

    private void Revoke(long lease, int tries)
    {
        SimulatedNode? node = cluster.AnyRunning(random);
        Command command = new() { LeaseRevoke = new LeaseRevokeRequest { ID = lease } };
        CallbackRequest<object?> request = new(static _ => { }, _ =>
        {
            if (tries > 1)
            {
                cluster.Events.After(PauseUs(), () => Revoke(lease, tries - 1));
            }
        });
        node?.Do(raft => raft.Propose(SimulatedClient.Encode(node, command), request));
    }

    private void KeepAliveLater(long lease) => Later(lease, 200_000 + random.NextInt32(600_000), () =>
    {
        KeepAlive(lease, TriesMax);
        KeepAliveLater(lease);
    });

    private void KeepAlive(long lease, int tries)
    {
        long sentAt = cluster.Events.NowUs;
        cluster.AnyRunning(random)?.KeepAlive(lease, time => cluster.Events.After(random.NextInt32(20_000), () =>
        {
            if (time is { Exists: true })
            {
                cluster.Faults.Hit(Fault.LeaseKeptAlive);
                Lives(lease, sentAt);
            }
            else if (time is not null && lease == _lease)
            {
                Begin();
            }
            else if (time is null && tries > 1)
            {
                Later(lease, PauseUs(), () => KeepAlive(lease, tries - 1));
            }
        }));
    }

    private void Lives(long lease, long sentAt)
    {
        // What the server promised counts, also where nobody cares any more.
        cluster.Leases.Promised(lease, sentAt + TtlUs);
        if (lease == _lease && cluster.Events.NowUs < Math.Max(_deadlineUs, sentAt + TtlUs))
        {
            _deadlineUs = Math.Max(_deadlineUs, sentAt + TtlUs);
            if (_holds)
            {
                cluster.Leases.Holds(number, _place, _deadlineUs);
            }
        }
    }

    /// <summary>Does something after a while, unless the attempt is over by then.</summary>
    private void Later(long lease, long delayUs, Action action) => cluster.Events.After(delayUs, () =>
    {
        if (lease != _lease)
        {
            return;
        }

        if (cluster.Events.NowUs >= _deadlineUs || !cluster.ClientsRun)
        {
            Begin();
        }
        else
        {
            action();
        }
    });

    private void Propose(long lease, Command command, Action<CommandResult> done, int tries = TriesMax)
    {
        CallbackRequest<object?> request = new(
            result =>
            {
                CommandResult applied = (CommandResult)result!;
                GoOn(lease, () => done(applied), applied.Failure == CommandFailure.None);
            },
            failure => Refused(
                lease, SimulatedClient.NothingWasProposed(failure) ? tries : 0,
                () => Propose(lease, command, done, tries - 1)));
        Send(lease, node => node.Do(raft => raft.Propose(SimulatedClient.Encode(node, command), request)), request);
    }

    private void Read(long lease, TxnRequest txn, Action<TxnResponse> done, int tries = TriesMax)
    {
        SimulatedNode? at = null;
        CallbackRequest<LogIndex> request = new(
            _ =>
            {
                TxnResponse answer = (TxnResponse)Reads.Txn(at!.State.Store, txn).Response!;
                GoOn(lease, () => done(answer), isDone: true);
            },
            _ => Refused(lease, tries, () => Read(lease, txn, done, tries - 1)));
        Send(
            lease,
            node =>
            {
                at = node;
                node.Do(raft => raft.Read(request));
            },
            request);
    }

    /// <summary>Asks again after a moment, at whichever node, unless that was the last try.</summary>
    private void Refused(long lease, int tries, Action again) => cluster.Events.After(PauseUs(), () =>
    {
        if (tries > 1)
        {
            GoOn(lease, again, cluster.ClientsRun);
        }
        else
        {
            GoOn(lease, static () => { }, isDone: false);
        }
    });

    private int PauseUs() => 20_000 + random.NextInt32(80_000);

    private void Send<T>(long lease, Action<SimulatedNode> send, CallbackRequest<T> request)
    {
        if (cluster.AnyRunning(random) is { } node)
        {
            send(node);
        }

        cluster.Events.After(PatienceUs, () =>
        {
            if (!request.IsOver)
            {
                request.Abandon();
                GoOn(lease, static () => { }, isDone: false);
            }
        });
    }

    /// <summary>An answer travels; where it is none, or comes too late, the attempt is over.</summary>
    private void GoOn(long lease, Action done, bool isDone) => cluster.Events.After(random.NextInt32(20_000), () =>
    {
        if (lease != _lease)
        {
            return;
        }

        if (isDone && (_deadlineUs == 0 || cluster.Events.NowUs < _deadlineUs))
        {
            done();
        }
        else
        {
            Begin();
        }
    });

    private static RangeRequest PlacesUpTo(long createRevision) => new()
    {
        Key = ByteString.CopyFromUtf8(Places),
        RangeEnd = ByteString.CopyFromUtf8(PlacesEnd),
        MaxCreateRevision = createRevision,
    };

    private static ByteString KeyOf(long lease) => ByteString.CopyFromUtf8(
        string.Create(CultureInfo.InvariantCulture, $"{Places}{lease}"));
}
