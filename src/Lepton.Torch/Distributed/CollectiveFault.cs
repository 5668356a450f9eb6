namespace Lepton.Torch.Distributed;

/// <summary>Why a store, a group or a collective failed.</summary>
public enum CollectiveFault
{
    /// <summary>A peer did not come in time.</summary>
    Timeout,

    /// <summary>A peer or the store is gone, or can't be reached.</summary>
    Disconnected,

    /// <summary>This libtorch doesn't have the backend.</summary>
    Absent,

    /// <summary>A function of the program's own (a store, a hook) failed.</summary>
    Callback,

    /// <summary>Tensors that don't fit, or anything else that libtorch refused.</summary>
    Refused,
}
