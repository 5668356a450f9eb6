namespace Lepton.Torch;

/// <summary>What a <see cref="TorchValue"/> holds, by the shim's numbers (<c>LT_NONE</c> and so on).</summary>
public enum TorchValueKind
{
    /// <summary>Nothing: Python's <c>None</c>.</summary>
    None = 0,

    /// <summary>A tensor.</summary>
    Tensor = 1,

    /// <summary>A list of tensors, of which some may be missing.</summary>
    Tensors = 2,

    /// <summary>An integer, or a dtype.</summary>
    Integer = 3,

    /// <summary>A number with a fraction.</summary>
    Float = 4,

    /// <summary>A truth value.</summary>
    Boolean = 5,

    /// <summary>A list of integers.</summary>
    Integers = 6,

    /// <summary>A list of numbers with a fraction.</summary>
    Floats = 7,

    /// <summary>A list of truth values.</summary>
    Booleans = 8,

    /// <summary>Text.</summary>
    Text = 9,

    /// <summary>A device.</summary>
    Device = 10,

    /// <summary>A random-number generator.</summary>
    Generator = 11,
}
