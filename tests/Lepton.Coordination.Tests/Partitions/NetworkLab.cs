using System.Globalization;
using System.Net;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Partitions;

/// <summary>
/// A network namespace for each node, all on one bridge with this process. Links go down and up, and ways from one node
/// to another are cut without the nodes being told. Names are of this process's own; what a killed run has left is
/// removed by the next. Where namespaces are not allowed the test is skipped.
/// </summary>
public sealed class NetworkLab : IDisposable
{
    private const string Prefix = "lepton";
    private const string NobodysAddress = "02:00:00:00:00:01";
    private const string Advice = "Network namespaces, veth pairs and a bridge are needed: run the tests as root.";
    private readonly string _bridge = $"lp{Environment.ProcessId}b";
    private readonly int _nodes;

    /// <summary>Makes it; where that is not allowed the test is skipped.</summary>
    /// <param name="nodes">How many namespaces, up to 250.</param>
    public NetworkLab(int nodes)
    {
        _nodes = nodes;
        RemoveLeftovers();
        try
        {
            Run("link", "add", _bridge, "type", "bridge");
            Run("link", "set", _bridge, "up");
            Run("address", "add", $"{OwnAddress}/24", "dev", _bridge);
            for (int node = 0; node < nodes; node++)
            {
                AddNode(node);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    // Of the range that is set aside for tests of networks (RFC 2544).
    private static string Subnet => string.Create(
        CultureInfo.InvariantCulture, $"198.{18 + (Environment.ProcessId >> 8 & 1)}.{Environment.ProcessId & 255}");

    /// <summary>The address of this process, which all nodes reach.</summary>
    public static IPAddress OwnAddress => IPAddress.Parse($"{Subnet}.254");

    /// <summary>The address of a node.</summary>
    public static IPAddress AddressOf(int node) => IPAddress.Parse($"{Subnet}.{node + 1}");

    /// <summary>What runs a program on a node.</summary>
    public static string[] LauncherOf(int node) => ["ip", "netns", "exec", NameOf(node)];

    /// <summary>Takes a node's only link down: nobody reaches it, clients neither.</summary>
    public static void TakeDown(int node) => Sure("link", "set", LinkOf(node), "down");

    /// <summary>
    /// Loses whatever one node sends to another. Its frames go to an address that nobody has, so it learns nothing of
    /// it; the other direction stays as it is.
    /// </summary>
    public static void Lose(int from, int to) => Sure(
        "-n", NameOf(from), "neigh", "replace", AddressOf(to).ToString(), "lladdr", NobodysAddress, "dev", "eth0",
        "nud", "permanent");

    /// <summary>Loses what two nodes send to each other.</summary>
    public static void Separate(int one, int other)
    {
        Lose(one, other);
        Lose(other, one);
    }

    /// <summary>Makes everything whole.</summary>
    public void Heal()
    {
        for (int node = 0; node < _nodes; node++)
        {
            Sure("link", "set", LinkOf(node), "up");
            Sure("-n", NameOf(node), "neigh", "flush", "all", "nud", "permanent");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int node = 0; node < _nodes; node++)
        {
            SystemCommand.Run("ip", "link", "delete", LinkOf(node));
            SystemCommand.Run("ip", "netns", "delete", NameOf(node));
        }

        SystemCommand.Run("ip", "link", "delete", _bridge);
    }

    private void AddNode(int node)
    {
        string name = NameOf(node);
        Run("netns", "add", name);
        Run("link", "add", LinkOf(node), "type", "veth", "peer", "name", "eth0", "netns", name);
        Run("link", "set", LinkOf(node), "master", _bridge);
        Run("link", "set", LinkOf(node), "up");
        Run("-n", name, "address", "add", $"{AddressOf(node)}/24", "dev", "eth0");
        Run("-n", name, "link", "set", "lo", "up");
        Run("-n", name, "link", "set", "eth0", "up");
    }

    private static string NameOf(int node) => $"{Prefix}-{Environment.ProcessId}-{node}";

    // At most 15 characters, as the kernel has it.
    private static string LinkOf(int node) => $"lp{Environment.ProcessId}v{node}";

    private static void Run(params string[] arguments) => SystemCommand.RunOrSkip(Advice, "ip", arguments);

    private static void Sure(params string[] arguments) => SystemCommand.RunSurely("ip", arguments);

    private static void RemoveLeftovers()
    {
        const string Registered = "/run/netns";
        foreach (string path in Directory.Exists(Registered) ? Directory.GetFiles(Registered, $"{Prefix}-*") : [])
        {
            string name = Path.GetFileName(path);
            string process = name.Split('-')[1];
            if (!Directory.Exists($"/proc/{process}"))
            {
                SystemCommand.Run("ip", "netns", "delete", name);
                SystemCommand.Run("ip", "link", "delete", $"lp{process}b");
            }
        }
    }
}
