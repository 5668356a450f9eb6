using System.Buffers;
using Lepton.Raft.Core;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Tests.Cluster;

/// <summary>Nodes with a network between them that holds each message until the test wants it to arrive.</summary>
internal sealed class RaftCluster
{
    private readonly HashSet<(NodeId From, NodeId To)> _cut = [];

    public RaftCluster(int voters, RaftOptions? options = null)
    {
        Options = options ?? new RaftOptions { Id = new NodeId(1), Seed = 1 };
        Member[] members = [.. Enumerable.Range(1, voters).Select(MemberOf)];
        LogEntry first = Bootstrap.FirstEntry(MembershipChanger.OfVoters(members));
        foreach (Member member in members)
        {
            ClusterNode node = new(this, member.Id);
            node.Log.Bootstrap(first, Bootstrap.HardState);
            node.Start(Options);
            Nodes.Add(node);
        }
    }

    public RaftOptions Options { get; }

    public List<ClusterNode> Nodes { get; } = [];

    public SafetyChecks Checks { get; } = new();

    /// <summary>Messages on their way, in the order they were sent.</summary>
    public List<RaftMessage> Network { get; } = [];

    /// <summary>Called for each message that is sent, before any loss.</summary>
    public Action<RaftMessage>? OnSent { get; set; }

    /// <summary>Says which messages are lost on arrival, beside those of cut ways.</summary>
    public Func<RaftMessage, bool> Loses { get; set; } = _ => false;

    public ClusterNode this[int id] => Nodes.Single(node => node.Id == new NodeId((ulong)id));

    public ClusterNode Leader => Nodes.Where(node => node.IsUp && node.Role == RaftRole.Leader)
        .OrderByDescending(node => node.Core.Term).First();

    public static Member MemberOf(int id) => new(new NodeId((ulong)id), $"n{id}", [$"http://n{id}:2380"]);

    /// <summary>Starts a node with an empty log, to join.</summary>
    public ClusterNode AddNode(int id)
    {
        ClusterNode node = new(this, new NodeId((ulong)id));
        node.Start(Options);
        Nodes.Add(node);
        return node;
    }

    public void Send(IEnumerable<RaftMessage> messages)
    {
        foreach (RaftMessage message in messages)
        {
            OnSent?.Invoke(message);
            if (message is RaftMessage.Append append)
            {
                Checks.Exist(append.From, append.PrevTerm, append.Entries);
            }

            Network.Add(message);
        }
    }

    public void Cut(int from, int to) => _cut.Add((new NodeId((ulong)from), new NodeId((ulong)to)));

    public void CutBoth(int left, int right)
    {
        Cut(left, right);
        Cut(right, left);
    }

    public void Isolate(int id)
    {
        foreach (ClusterNode node in Nodes)
        {
            CutBoth(id, (int)node.Id.Value);
        }
    }

    public void Heal() => _cut.Clear();

    public void Tick(ClusterNode node)
    {
        if (node.IsUp)
        {
            node.Core.Tick();
            node.Settle();
        }
    }

    public void TickAll(int ticks = 1)
    {
        for (int i = 0; i < ticks; i++)
        {
            foreach (ClusterNode node in Nodes)
            {
                Tick(node);
            }

            DeliverAll();
        }
    }

    /// <summary>Delivers messages until none are left.</summary>
    public void DeliverAll()
    {
        for (int i = 0; Network.Count > 0; i++)
        {
            Assert.True(i < 100_000, "The nodes send messages to each other without end.");
            RaftMessage message = Network[0];
            Network.RemoveAt(0);
            Deliver(message);
        }
    }

    public bool Arrives(RaftMessage message) => Nodes.Exists(node => node.Id == message.To && node.IsUp)
        && !_cut.Contains((message.From, message.To)) && !Loses(message);

    /// <summary>Delivers one message, by way of its bytes.</summary>
    public void Deliver(RaftMessage message)
    {
        if (!Arrives(message))
        {
            return;
        }

        ClusterNode node = Nodes.Single(other => other.Id == message.To);
        ArrayBufferWriter<byte> bytes = new();
        RaftMessageCodec.Encode(message, bytes);
        node.Core.Step(RaftMessageCodec.Decode(bytes.WrittenMemory));
        node.Settle();
    }

    /// <summary>
    /// Ticks one node until it leads. The others' time goes on, unheard, where they still wait for an earlier leader.
    /// </summary>
    public ClusterNode Elect(int id)
    {
        ClusterNode node = this[id];
        for (int i = 0; i < 200 && node.Role != RaftRole.Leader; i++)
        {
            Tick(node);
            DeliverAll();
            if (i % (2 * Options.ElectionTicks) == 0 && node.Role != RaftRole.Leader)
            {
                for (int t = 0; t < Options.ElectionTicks; t++)
                {
                    Nodes.Where(other => other != node).ToList().ForEach(Tick);
                }

                Network.Clear();
            }
        }

        Assert.True(node.Role == RaftRole.Leader, $"node {id} was not elected");
        DeliverAll();
        return node;
    }

    /// <summary>Proposes a command of one byte and delivers what follows.</summary>
    public void Propose(ClusterNode node, byte command)
    {
        Assert.Null(node.Core.Propose(command, new[] { command }));
        node.Settle();
        DeliverAll();
    }

    /// <summary>Ticks all nodes until one leads that is not <paramref name="except"/>.</summary>
    public ClusterNode AwaitLeader(NodeId except = default, int ticksMax = 200)
    {
        for (int i = 0; i < ticksMax; i++)
        {
            if (Nodes.Find(node => node.IsUp && node.Role == RaftRole.Leader && node.Id != except) is { } found)
            {
                return found;
            }

            TickAll();
        }

        throw new SafetyException(
            $"nobody was elected in {ticksMax} ticks\n{string.Join('\n', Nodes.Select(node => node.Describe()))}");
    }

    public void Change(ClusterNode leader, MembershipChange change)
    {
        Assert.Null(leader.Core.ChangeMembership(99, change));
        leader.Settle();
    }

    public void Restart(ClusterNode node)
    {
        node.Start(Options);
        node.Settle();
    }
}
