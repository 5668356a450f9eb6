namespace Lepton.Cli.Coordination;

/// <summary>What the commands on the two stores, of keys and of objects, return beside all commands' codes.</summary>
internal static class CoordinationExitCodes
{
    /// <summary>The servers can't be reached, or refuse.</summary>
    public const int Failed = 14;

    /// <summary>A lock or a leadership was lost.</summary>
    public const int Lost = 15;

    /// <summary>There is no such key, no such bucket or no such object.</summary>
    public const int NoSuchKey = 16;

    /// <summary>A data directory can't be used: in use, another's, newer, unreadable, or without its log.</summary>
    public const int DataDirectory = 17;

    /// <summary>A disk failed, and the member stopped.</summary>
    public const int DiskFailed = 18;

    /// <summary>The member was removed from its cluster, and stopped.</summary>
    public const int Removed = 19;
}
