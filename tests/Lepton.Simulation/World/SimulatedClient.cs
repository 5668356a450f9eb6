using System.Globalization;
using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Core.Randomness;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Simulation.Checking;

namespace Lepton.Simulation.World;

/// <summary>A client that does one operation after the other, at whatever node it likes, and keeps a history.</summary>
internal sealed class SimulatedClient(SimulatedCluster cluster, int number, SeededRandom random)
{
    private const long PatienceUs = 4_000_000;
    private int _writes;

    /// <summary>What it did and saw, by key.</summary>
    public List<(string Key, Operation<RegisterInput, RegisterOutput> Operation)> History { get; } = [];

    /// <summary>Operations that got an answer.</summary>
    public int Answered { get; private set; }

    /// <summary>Linearizable reads: when each began, and the revision as of which it was answered.</summary>
    public List<(long BeganAt, long Revision)> Reads { get; } = [];

    /// <summary>Begins the next operation after a while, as long as the clients are to go on.</summary>
    public void GoOn() => cluster.Events.After(random.NextInt32(30_000), () =>
    {
        if (cluster.ClientsRun)
        {
            Begin(SimulatedCluster.Keys[random.NextInt32(SimulatedCluster.Keys.Length)], NextInput());
        }
    });

    /// <summary>Does one write at a node and tells whether it got through.</summary>
    public void Put(SimulatedNode node, Action<bool> ended) => Propose(
        node, SimulatedCluster.Keys[0], new RegisterInput.Put(NextValue()), ended);

    /// <summary>Reads every key at a node.</summary>
    public void ReadAll(SimulatedNode node)
    {
        foreach (string key in SimulatedCluster.Keys)
        {
            Read(node, key, static () => { });
        }
    }

    private void Begin(string key, RegisterInput input)
    {
        if (cluster.AnyRunning(random) is not { } node)
        {
            GoOn();
        }
        else if (random.NextInt32(50) == 0)
        {
            Compact(node);
        }
        else if (input is RegisterInput.Get)
        {
            Read(node, key, GoOn);
        }
        else
        {
            Propose(node, key, input, _ => GoOn());
        }
    }

    private void Read(SimulatedNode node, string key, Action ended)
    {
        long began = cluster.Events.NowUs;
        CallbackRequest<LogIndex> request = new(
            _ =>
            {
                (string? value, long revision) = node.Read(key);
                Keep(key, new RegisterInput.Get(), new RegisterOutput(value, false), began);
                Reads.Add((began, revision));
                ended();
            },
            _ => ended());
        node.Do(raft => raft.Read(request));
        OnTimeout(() => request.IsOver, () =>
        {
            request.Abandon();
            ended();
        });
    }

    private void Compact(SimulatedNode node)
    {
        long revision = node.State.Store.Revision - random.NextInt32(10);
        Command command = new() { Compaction = new CompactionRequest { Revision = revision } };
        CallbackRequest<object?> request = new(
            result =>
            {
                if (((CommandResult)result!).Failure == CommandFailure.None)
                {
                    cluster.Faults.Hit(Fault.HistoryCompacted);
                }
            },
            static _ => { });
        node.Do(raft => raft.Propose(Encode(node, command), request));
        GoOn();
    }

    private void Propose(SimulatedNode node, string key, RegisterInput input, Action<bool> ended)
    {
        long began = cluster.Events.NowUs;
        CallbackRequest<object?> request = new(
            result =>
            {
                CommandResult applied = (CommandResult)result!;
                RegisterOutput output = Output(input, applied);
                if (input is RegisterInput.Put || output.Done)
                {
                    cluster.Truth.DemandHappened(applied.Revision, key, Written(input));
                }

                Keep(key, input, output, began);
                ended(true);
            },
            failure =>
            {
                // It must never be seen where nothing was proposed.
                if (!NothingWasProposed(failure))
                {
                    Keep(key, input, null, began);
                }

                ended(false);
            });
        byte[] command = Encode(node, ToCommand(key, input));
        node.Do(raft => raft.Propose(command, request));
        OnTimeout(() => request.IsOver, () =>
        {
            request.Abandon();
            Keep(key, input, null, began);
            ended(false);
        });
    }

    private void OnTimeout(Func<bool> isOver, Action then) => cluster.Events.After(PatienceUs, () =>
    {
        if (!isOver())
        {
            then();
        }
    });

    private void Keep(string key, RegisterInput input, RegisterOutput? output, long began)
    {
        Answered += output is null ? 0 : 1;
        History.Add((key, new(number, input, output, began, cluster.Events.NowUs)));
    }

    private RegisterInput NextInput() => random.NextInt32(10) switch
    {
        < 4 => new RegisterInput.Get(),
        < 7 => new RegisterInput.Put(NextValue()),
        < 8 => new RegisterInput.Delete(),
        _ => new RegisterInput.CompareAndSet(LastSeen(), NextValue()),
    };

    // Some values fill several sectors, so that a write of one can be torn.
    private string NextValue() => string.Create(CultureInfo.InvariantCulture, $"{number}.{++_writes}") +
        (random.NextInt32(3) == 0 ? new string('.', random.NextInt32(2_500)) : "");

    private string? LastSeen()
    {
        for (int i = History.Count - 1; i >= 0 && i > History.Count - 20; i--)
        {
            if (History[i].Operation is { Input: RegisterInput.Get, Output: { } seen })
            {
                return seen.Value;
            }
        }

        return null;
    }

    private static RegisterOutput Output(RegisterInput input, CommandResult result) => input switch
    {
        RegisterInput.Delete => new RegisterOutput(null, ((DeleteRangeResponse)result.Response!).Deleted > 0),
        RegisterInput.CompareAndSet => new RegisterOutput(null, ((TxnResponse)result.Response!).Succeeded),
        _ => new RegisterOutput(null, false),
    };

    /// <summary>Whether a failure says that the command certainly takes no effect.</summary>
    public static bool NothingWasProposed(ConsensusFailure failure) => failure is ConsensusFailure.NoLeader
        or ConsensusFailure.Overloaded or ConsensusFailure.DiskFull or ConsensusFailure.MemberDiskFull;

    /// <summary>The value that an operation writes; null for one that writes none.</summary>
    public static string? Written(RegisterInput input) => input switch
    {
        RegisterInput.Put put => put.Value,
        RegisterInput.CompareAndSet cas => cas.Value,
        _ => null,
    };

    // Where the cluster has agreed on a newer format, commands are of that: the number that means nothing to the state
    // marks them, so that a node which could not read them is found out.
    public static byte[] Encode(SimulatedNode node, Command command)
    {
        uint format = node.IsRunning ? node.State.Manifest.CommandFormat : 0;
        command.Id = format >= FormatUpgrade.Next ? format : 0;
        return command.ToByteArray();
    }

    private static Command ToCommand(string key, RegisterInput input)
    {
        ByteString name = ByteString.CopyFromUtf8(key);
        switch (input)
        {
            case RegisterInput.Put put:
                return new Command { Put = new PutRequest { Key = name, Value = ByteString.CopyFromUtf8(put.Value) } };
            case RegisterInput.Delete:
                return new Command { DeleteRange = new DeleteRangeRequest { Key = name } };
            case RegisterInput.CompareAndSet cas:
                Compare compare = cas.Expected is null
                    ? new Compare { Key = name, Target = Compare.Types.CompareTarget.Version, Version = 0 }
                    : new Compare
                    {
                        Key = name,
                        Target = Compare.Types.CompareTarget.Value,
                        Value = ByteString.CopyFromUtf8(cas.Expected),
                    };
                TxnRequest txn = new() { Compare = { compare } };
                txn.Success.Add(new RequestOp
                {
                    RequestPut = new PutRequest { Key = name, Value = ByteString.CopyFromUtf8(cas.Value) },
                });
                return new Command { Txn = txn };
            default:
                throw new ArgumentException($"{input} is no write.", nameof(input));
        }
    }
}
