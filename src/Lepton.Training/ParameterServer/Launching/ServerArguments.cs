using System.Globalization;

namespace Lepton.Training.ParameterServer.Launching;

/// <summary>The options of <c>lepton parameter-server</c>, as a launcher writes them. Pure.</summary>
public static class ServerArguments
{
    /// <summary>Where to listen, as address and port; port 0 takes a free one.</summary>
    public const string Listen = "--listen";

    /// <summary>The other copy's address.</summary>
    public const string Peer = "--peer";

    /// <summary>A backup will come, without which nothing is acknowledged.</summary>
    public const string Backup = "--backup";

    /// <summary>It takes the place of one that died.</summary>
    public const string Restarted = "--restarted";

    /// <summary>Seconds that a worker may be silent.</summary>
    public const string WorkerLease = "--worker-lease";

    /// <summary>Ends where its standard input does.</summary>
    public const string UntilInputEnds = "--until-input-ends";

    /// <summary>What a server says, before its address, when it listens.</summary>
    public const string Listening = "the parameter server listens at ";

    internal static IReadOnlyList<string> Of(int port, Uri? peer, bool hasBackup, bool isRestarted, TimeSpan lease) =>
    [
        UntilInputEnds, Listen, string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"),
        WorkerLease, lease.TotalSeconds.ToString("R", CultureInfo.InvariantCulture),
        .. peer is null ? [] : new[] { Peer, peer.ToString() },
        .. hasBackup ? [Backup] : Array.Empty<string>(),
        .. isRestarted ? [Restarted] : Array.Empty<string>(),
    ];
}
