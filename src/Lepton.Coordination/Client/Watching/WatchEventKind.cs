namespace Lepton.Coordination.Client;

/// <summary>What happened to a key.</summary>
public enum WatchEventKind
{
    /// <summary>It was put.</summary>
    Put,

    /// <summary>It was deleted, by a call or with its lease.</summary>
    Delete,
}
