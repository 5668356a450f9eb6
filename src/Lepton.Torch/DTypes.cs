using System.Numerics;

namespace Lepton.Torch;

/// <summary>What is known of a <see cref="DType"/>.</summary>
public static class DTypes
{
    /// <summary>The dtype whose elements are laid out as <typeparamref name="T"/> is.</summary>
    /// <exception cref="NotSupportedException">No dtype is.</exception>
    public static DType Of<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            return DType.Float32;
        }

        if (typeof(T) == typeof(double))
        {
            return DType.Float64;
        }

        if (typeof(T) == typeof(long))
        {
            return DType.Int64;
        }

        if (typeof(T) == typeof(int))
        {
            return DType.Int32;
        }

        if (typeof(T) == typeof(byte))
        {
            return DType.UInt8;
        }

        return typeof(T) == typeof(bool) ? DType.Bool
            : typeof(T) == typeof(Half) ? DType.Float16
            : typeof(T) == typeof(short) ? DType.Int16
            : typeof(T) == typeof(sbyte) ? DType.Int8
            : typeof(T) == typeof(Complex) ? DType.Complex128
            : throw new NotSupportedException(
                $"No tensor holds elements of type {typeof(T)}. Use float, double, Half, long, int, short, sbyte, " +
                "byte, bool or System.Numerics.Complex, or the tensor's bytes.");
    }

    /// <summary>PyTorch's name of the dtype, such as <c>float32</c>.</summary>
    public static string Name(this DType dtype) => dtype switch
    {
        DType.UInt8 => "uint8",
        DType.Int8 => "int8",
        DType.Int16 => "int16",
        DType.Int32 => "int32",
        DType.Int64 => "int64",
        DType.Float16 => "float16",
        DType.Float32 => "float32",
        DType.Float64 => "float64",
        DType.Complex64 => "complex64",
        DType.Complex128 => "complex128",
        DType.Bool => "bool",
        DType.BFloat16 => "bfloat16",
        _ => $"dtype {(int)dtype}",
    };

    /// <summary>Bytes of one element.</summary>
    public static int Bytes(this DType dtype) => dtype switch
    {
        DType.UInt8 or DType.Int8 or DType.Bool => 1,
        DType.Int16 or DType.Float16 or DType.BFloat16 => 2,
        DType.Int32 or DType.Float32 => 4,
        DType.Int64 or DType.Float64 or DType.Complex64 => 8,
        DType.Complex128 => 16,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "This dtype's size is not known."),
    };

    /// <summary>Whether it holds real numbers with a fraction; such tensors have gradients.</summary>
    public static bool IsFloatingPoint(this DType dtype) =>
        dtype is DType.Float32 or DType.Float64 or DType.Float16 or DType.BFloat16;

    /// <summary>Whether it holds complex numbers.</summary>
    public static bool IsComplex(this DType dtype) => dtype is DType.Complex64 or DType.Complex128;
}
