namespace Lepton.Torch;

/// <summary>What a <see cref="TensorIndex"/> asks for.</summary>
internal enum TensorIndexKind
{
    /// <summary>One element; the dimension goes.</summary>
    Select,

    /// <summary>A part of the dimension.</summary>
    Slice,

    /// <summary>All dimensions that are left.</summary>
    Ellipsis,

    /// <summary>A dimension more.</summary>
    NewAxis,

    /// <summary>Elements at indices, or by a mask.</summary>
    Tensor,
}
