namespace Lepton.Torch;

/// <summary>The type of a tensor's elements, by libtorch's numbers (<c>c10::ScalarType</c>).</summary>
public enum DType
{
    /// <summary>Unsigned 8-bit integers; C# <c>byte</c>.</summary>
    UInt8 = 0,

    /// <summary>Signed 8-bit integers; C# <c>sbyte</c>.</summary>
    Int8 = 1,

    /// <summary>16-bit integers; C# <c>short</c>.</summary>
    Int16 = 2,

    /// <summary>32-bit integers; C# <c>int</c>.</summary>
    Int32 = 3,

    /// <summary>64-bit integers; C# <c>long</c>. Indices and class labels are of this type.</summary>
    Int64 = 4,

    /// <summary>IEEE half precision; C# <c>Half</c>.</summary>
    Float16 = 5,

    /// <summary>Single precision; C# <c>float</c>. The default.</summary>
    Float32 = 6,

    /// <summary>Double precision; C# <c>double</c>.</summary>
    Float64 = 7,

    /// <summary>Two 32-bit floats; C# has no type for it.</summary>
    Complex64 = 9,

    /// <summary>Two 64-bit floats; C# <c>System.Numerics.Complex</c>.</summary>
    Complex128 = 10,

    /// <summary>Truth values, a byte each; C# <c>bool</c>.</summary>
    Bool = 11,

    /// <summary>The upper half of a single-precision number; C# has no type for it.</summary>
    BFloat16 = 15,
}
