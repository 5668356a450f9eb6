namespace Lepton.Training.ParameterServer.Launching;

/// <summary>How a training with parameter servers is started. Checked at the start, all faults at once.</summary>
public sealed record ParameterLaunchOptions
{
    /// <summary>What starts a worker: a program and its arguments.</summary>
    public required IReadOnlyList<string> WorkerCommand { get; init; }

    /// <summary>What starts a server, up to the options of <c>lepton parameter-server</c>.</summary>
    public required IReadOnlyList<string> ServerCommand { get; init; }

    /// <summary>Workers, 1 to 1024.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Servers that share the values, 1 to 64.</summary>
    public int Servers { get; init; } = 1;

    /// <summary>Whether each server has a backup; without one the death of a server ends the training.</summary>
    public bool HasBackups { get; init; } = true;

    /// <summary>How long a worker may be silent before the others go on without it, 0.5 s or more.</summary>
    public TimeSpan WorkerLease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often servers that died are started again, all together, 0 or more.</summary>
    public int ServerRestartsMax { get; init; } = 100;

    /// <summary>How long workers have to end after SIGTERM, above 0, before they are killed.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    internal void Validate()
    {
        List<string> faults = [];
        if (WorkerCommand.Count == 0 || ServerCommand.Count == 0)
        {
            faults.Add($"{nameof(WorkerCommand)} and {nameof(ServerCommand)} must name a program");
        }

        if (Workers is < 1 or > 1024)
        {
            faults.Add($"{nameof(Workers)} is {Workers}, not from 1 to 1024");
        }

        if (Servers is < 1 or > 64)
        {
            faults.Add($"{nameof(Servers)} is {Servers}, not from 1 to 64");
        }

        if (WorkerLease < TimeSpan.FromMilliseconds(500) || Grace <= TimeSpan.Zero || ServerRestartsMax < 0)
        {
            faults.Add(
                $"{nameof(WorkerLease)} must be 0.5 s or more, {nameof(Grace)} above 0, and " +
                $"{nameof(ServerRestartsMax)} 0 or more");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException($"{nameof(ParameterLaunchOptions)}: {string.Join("; ", faults)}.");
        }
    }
}
