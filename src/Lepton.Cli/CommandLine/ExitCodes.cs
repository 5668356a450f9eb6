namespace Lepton.Cli.CommandLine;

/// <summary>What the process returns. The help lists them.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>The job failed.</summary>
    public const int Failed = 1;

    /// <summary>A wrong flag, path or input.</summary>
    public const int Usage = 2;

    /// <summary>Cancelled with Ctrl-C: 128 and SIGINT, as shells have it.</summary>
    public const int Cancelled = 130;
}
