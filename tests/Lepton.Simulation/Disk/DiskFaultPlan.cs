namespace Lepton.Simulation.Disk;

/// <summary>
/// How likely each fault of a <see cref="SimulatedDisk"/> is, from 0 (never) to 1 (always), call by call.
/// </summary>
public sealed record DiskFaultPlan
{
    /// <summary>A sync fails, and what was not synced is dropped while it still reads as written.</summary>
    public double FailSync { get; init; }

    /// <summary>A sync of the directory fails.</summary>
    public double FailDirectorySync { get; init; }

    /// <summary>A write fails; any of its first sectors may have been written.</summary>
    public double FailWrite { get; init; }

    /// <summary>A read fails.</summary>
    public double FailRead { get; init; }

    /// <summary>A write lands in another place of its file, and nobody is told.</summary>
    public double MisdirectWrite { get; init; }
}
