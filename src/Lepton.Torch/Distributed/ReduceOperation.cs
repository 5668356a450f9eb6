namespace Lepton.Torch.Distributed;

/// <summary>How the tensors of all ranks become one, elementwise; by the shim's numbers.</summary>
public enum ReduceOperation
{
    /// <summary>Their sum.</summary>
    Sum = 0,

    /// <summary>Their mean. Over Gloo each rank's tensor is divided first, then all are added.</summary>
    Average = 1,

    /// <summary>Their product.</summary>
    Product = 2,

    /// <summary>The smallest.</summary>
    Min = 3,

    /// <summary>The largest.</summary>
    Max = 4,
}
