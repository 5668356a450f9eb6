using System.Globalization;
using System.Text;
using Lepton.Raft.Core;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;
using Lepton.Raft.Tests.Cluster;

namespace Lepton.Raft.Tests.Transcripts;

/// <summary>Carries out a transcript's commands on a cluster and writes down what follows from each.</summary>
internal sealed class ClusterTranscript
{
    private readonly List<string> _output = [];
    private readonly Dictionary<NodeId, string> _states = [];
    private RaftCluster _cluster = new(1);
    private ulong _ids;

    /// <summary>What a file must be: its comments and commands with what really followed.</summary>
    public static string Replay(string text)
    {
        ClusterTranscript transcript = new();
        StringBuilder replayed = new();
        foreach (string line in text.Split('\n'))
        {
            bool isCommand = line.StartsWith("> ", StringComparison.Ordinal);
            if (isCommand || line.Length == 0 || line[0] == '#')
            {
                replayed.Append(line).Append('\n');
            }

            if (isCommand)
            {
                foreach (string happened in transcript.Run(line[2..]))
                {
                    replayed.Append(happened).Append('\n');
                }
            }
        }

        return replayed.ToString().TrimEnd('\n') + "\n";
    }

    private List<string> Run(string command)
    {
        _output.Clear();
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int node = words.Length > 1 ? Number(words[1]) : 0;
        string argument = words.Length > 2 ? words[2] : "";
        switch (words[0])
        {
            case "cluster":
                Build(node, words[2..]);
                return [];
            case "tick":
                for (int i = argument.Length == 0 ? 1 : Number(argument); i > 0; i--)
                {
                    _cluster.Tick(_cluster[node]);
                }

                break;
            case "elect":
                _cluster.Elect(node);
                break;
            case "deliver":
                Deliver(node == 0 ? int.MaxValue : node);
                break;
            case "drop":
                _cluster.Network.Clear();
                break;
            case "isolate":
                _cluster.Isolate(node);
                break;
            case "heal":
                _cluster.Heal();
                break;
            case "log":
                ShowLog(_cluster[node]);
                break;
            default:
                Operate(words, node, argument);
                break;
        }

        ShowChanges();
        return _output;
    }

    private void Operate(string[] words, int id, string argument)
    {
        if (words[0] == "join")
        {
            _cluster.AddNode(id);
            return;
        }

        ClusterNode node = _cluster[id];
        switch (words[0])
        {
            case "propose":
                foreach (string text in words[2..])
                {
                    Tell(node.Core.Propose(++_ids, Encoding.UTF8.GetBytes(text)));
                }

                break;
            case "read":
                Tell(node.Read((ulong)Number(argument)));
                break;
            case "change":
                Tell(node.Core.ChangeMembership(++_ids, Change(argument, Number(words[3]))));
                break;
            case "transfer":
                Tell(node.Core.TransferLeadership(new NodeId((ulong)Number(argument))));
                break;
            case "crash":
                node.Crash();
                return;
            case "restart":
                _cluster.Restart(node);
                break;
            case "lose":
                node.Log.Lose(new LogIndex(Number(argument)), loseHardState: false);
                return;
            case "compact":
                node.Compact(Number(argument));
                break;
            case "slow":
                node.IsDiskSlow = true;
                break;
            case "sync":
                node.Sync();
                break;
            default:
                throw new InvalidDataException($"The transcript has an unknown command: {words[0]}");
        }

        node.Settle();
    }

    private void Build(int voters, string[] settings)
    {
        RaftOptions options = new() { Id = new NodeId(1), Seed = 1, TailBytesMax = 0 };
        foreach (string setting in settings)
        {
            string[] parts = setting.Split('=');
            options = parts[0] switch
            {
                "append" => options with { AppendBytesMax = Number(parts[1]) },
                "inflight" => options with { InflightMessagesMax = Number(parts[1]) },
                "chunk" => options with { SnapshotChunkBytes = Number(parts[1]) },
                _ => throw new InvalidDataException($"The transcript has an unknown setting: {parts[0]}"),
            };
        }

        _cluster = new RaftCluster(voters, options);
        foreach (ClusterNode node in _cluster.Nodes)
        {
            node.Settle();
        }

        ShowChanges();
    }

    private void Deliver(int count)
    {
        for (; count > 0 && _cluster.Network.Count > 0; count--)
        {
            RaftMessage message = _cluster.Network[0];
            _cluster.Network.RemoveAt(0);
            bool arrives = _cluster.Arrives(message);
            _output.Add($"  {MessageText.Of(message)}{(arrives ? "" : " (lost)")}");
            _cluster.Deliver(message);
        }
    }

    private void ShowLog(ClusterNode node)
    {
        for (LogIndex index = node.Log.FirstIndex; index <= node.Log.LastIndex; index = index.Next)
        {
            _output.Add($"  {MessageText.Of(node.Log.EntryAt(index))}");
        }
    }

    private void ShowChanges()
    {
        foreach (ClusterNode node in _cluster.Nodes)
        {
            string reads = string.Concat(node.Confirmed.Select(read => $", read {read.Context} at {read.Index}"))
                + string.Concat(node.Failed.Select(read => $", read {read.Context} failed: {read.Failure}"))
                + string.Concat(node.Outcomes.Select(outcome => $", proposal {outcome.Id} " +
                    (outcome.Failure?.ToString() ?? $"in the log at {outcome.Index}")));
            node.Confirmed.Clear();
            node.Failed.Clear();
            node.Outcomes.Clear();
            string state = node.IsUp
                ? $"{node.Id}: {node.Role}, term {node.Core.Term}, leader {node.Core.Leader}, log to " +
                    $"{node.Core.LastIndex}, commit {node.Core.Commit}, applied {node.Applied}, voters " +
                    MessageText.Of(node.Core.Membership)
                : $"{node.Id}: down";
            if (reads.Length > 0 || _states.GetValueOrDefault(node.Id) != state)
            {
                _output.Add(state + reads);
            }

            _states[node.Id] = state;
        }
    }

    private void Tell(ConsensusFailure? failure)
    {
        if (failure is not null)
        {
            _output.Add($"  refused: {failure}");
        }
    }

    private static MembershipChange Change(string kind, int id) => kind switch
    {
        "add-learner" => new MembershipChange.AddLearner(RaftCluster.MemberOf(id)),
        "add-voter" => new MembershipChange.AddVoter(RaftCluster.MemberOf(id)),
        "promote" => new MembershipChange.Promote(new NodeId((ulong)id)),
        "remove" => new MembershipChange.Remove(new NodeId((ulong)id)),
        _ => throw new InvalidDataException($"The transcript has an unknown change: {kind}"),
    };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
