namespace Lepton.Coordination.Recipes;

/// <summary>Why what was held is held no more.</summary>
public enum LeaseLoss
{
    /// <summary>It was given back.</summary>
    Released,

    /// <summary>
    /// The lease's time was over by this process's clock, and no server had answered a keep-alive since: whether the
    /// servers have ended it yet is not known.
    /// </summary>
    DeadlinePassed,

    /// <summary>A server says that the lease has ended.</summary>
    LeaseEnded,

    /// <summary>Somebody deleted the key, or revoked the lease, which deletes it too.</summary>
    KeyDeleted,
}
