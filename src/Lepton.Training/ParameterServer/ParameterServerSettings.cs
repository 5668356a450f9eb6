using System.Net;

namespace Lepton.Training.ParameterServer;

/// <summary>How a parameter server runs. Checked when it starts.</summary>
public sealed record ParameterServerSettings
{
    /// <summary>Where it listens; loopback, any free port, by default.</summary>
    public IPEndPoint EndPoint { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>The secret that workers and the other copy show: 16 characters of printable ASCII or more.</summary>
    public required string Token { get; init; }

    /// <summary>
    /// The other copy of this server, from which it takes its state: it is its backup then. Null: it is the primary.
    /// </summary>
    public Uri? Peer { get; init; }

    /// <summary>
    /// Whether a primary waits for its backup before it acknowledges anything. False: it has none, and what it knows
    /// dies with it.
    /// </summary>
    public bool HasBackup { get; init; }

    /// <summary>Whether it takes the place of a process that died, whose state is with the peer.</summary>
    public bool IsRestarted { get; init; }

    /// <summary>How long a worker may be silent before the others go on without it; 10 s by default, above 0.</summary>
    public TimeSpan WorkerLease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a worker that has never come, the other copy, or its state may take to come; 60 s by default, above 0.
    /// </summary>
    public TimeSpan JoinTimeMax { get; init; } = TimeSpan.FromSeconds(60);

    internal void Validate()
    {
        if (WorkerLease <= TimeSpan.Zero || JoinTimeMax <= TimeSpan.Zero)
        {
            throw new ArgumentException(
                $"{nameof(ParameterServerSettings)}: {nameof(WorkerLease)} is {WorkerLease} and " +
                $"{nameof(JoinTimeMax)} {JoinTimeMax}; both must be above 0.");
        }
    }
}
