namespace Lepton.Training.Launch;

/// <summary>How ranks are started. Checked at the start, all faults at once.</summary>
public sealed record LaunchOptions
{
    /// <summary>What starts a rank: a program and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Ranks of this machine, 1 to 1024.</summary>
    public int ProcessesPerNode { get; init; } = 1;

    /// <summary>How often all ranks are started again behind a failure, 0 or more.</summary>
    public int RestartsMax { get; init; }

    /// <summary>The address that ranks meet at; loopback by default.</summary>
    public string MasterAddress { get; init; } = "127.0.0.1";

    /// <summary>The port that ranks meet at; 0: any that is free.</summary>
    public int MasterPort { get; init; }

    /// <summary>The run's name.</summary>
    public string RunId { get; init; } = "none";

    /// <summary>How long ranks have to save and end, above 0, before they are killed.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a rank may be silent, or be awaited by the others, before it is named; above 0. One that is stopped
    /// ends the round then. One that is silent without being stopped gets ten times that. One that is awaited ends it
    /// where a restart is left: after twenty times what it usually takes and three times this time at least, or five
    /// minutes before its first collective.
    /// </summary>
    public TimeSpan StallTime { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How launchers on several machines meet; null: this one trains alone.</summary>
    public RendezvousOptions? Rendezvous { get; init; }

    internal void Validate()
    {
        List<string> faults = [];
        if (Command.Count == 0)
        {
            faults.Add($"{nameof(Command)} is empty");
        }

        if (ProcessesPerNode is < 1 or > 1024)
        {
            faults.Add($"{nameof(ProcessesPerNode)} is {ProcessesPerNode}, not from 1 to 1024");
        }

        if (RestartsMax < 0)
        {
            faults.Add($"{nameof(RestartsMax)} is {RestartsMax}, not 0 or more");
        }

        if (MasterPort is < 0 or > ushort.MaxValue)
        {
            faults.Add($"{nameof(MasterPort)} is {MasterPort}, not from 0 to {ushort.MaxValue}");
        }

        if (Grace <= TimeSpan.Zero || StallTime <= TimeSpan.Zero)
        {
            faults.Add($"{nameof(Grace)} and {nameof(StallTime)} must be above 0");
        }

        faults.AddRange(Rendezvous?.Faults() ?? []);
        if (faults.Count > 0)
        {
            throw new ArgumentException($"{nameof(LaunchOptions)}: {string.Join("; ", faults)}.");
        }
    }
}
