using System.Globalization;
using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>
/// A number that keeps its kind, as the other operand of a tensor: an integer tensor times 2 stays one, times 2.0 does
/// not. Numbers of C# convert to it by themselves.
/// </summary>
public readonly struct Scalar : IEquatable<Scalar>
{
    private const long IntegerKind = 0;
    private const long FloatKind = 1;
    private const long BoolKind = 2;

    private Scalar(long kind, long bits) => Native = new NativeScalar(kind, bits);

    internal Scalar(NativeScalar native) => Native = native;

    /// <summary>Whether it is neither a float nor a boolean.</summary>
    public bool IsInteger => Native.Kind == IntegerKind;

    /// <summary>Whether it has a fraction.</summary>
    public bool IsFloat => Native.Kind == FloatKind;

    internal NativeScalar Native { get; }

    public static implicit operator Scalar(double value) => FromDouble(value);

    public static implicit operator Scalar(float value) => FromDouble(value);

    public static implicit operator Scalar(long value) => FromInt64(value);

    public static implicit operator Scalar(int value) => FromInt64(value);

    public static implicit operator Scalar(bool value) => FromBoolean(value);

    public static bool operator ==(Scalar left, Scalar right) => left.Equals(right);

    public static bool operator !=(Scalar left, Scalar right) => !left.Equals(right);

    /// <summary>A float.</summary>
    public static Scalar FromDouble(double value) => new(FloatKind, BitConverter.DoubleToInt64Bits(value));

    /// <summary>An integer.</summary>
    public static Scalar FromInt64(long value) => new(IntegerKind, value);

    /// <summary>A truth value.</summary>
    public static Scalar FromBoolean(bool value) => new(BoolKind, value ? 1 : 0);

    /// <summary>The number as a double.</summary>
    public double ToDouble() =>
        Native.Kind == FloatKind ? BitConverter.Int64BitsToDouble(Native.Bits) : Native.Bits;

    /// <summary>The number as an integer; a fraction is cut off.</summary>
    /// <exception cref="OverflowException">It is too large, or no number.</exception>
    public long ToInt64() => Native.Kind == FloatKind ? checked((long)ToDouble()) : Native.Bits;

    /// <summary>Whether the number is other than 0.</summary>
    public bool ToBoolean() => Native.Kind == FloatKind ? ToDouble() != 0 : Native.Bits != 0;

    /// <inheritdoc/>
    public bool Equals(Scalar other) => Native.Kind == other.Native.Kind && Native.Bits == other.Native.Bits;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Scalar other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)Native.Bits ^ (int)(Native.Bits >> 32) ^ (int)Native.Kind);

    /// <inheritdoc/>
    public override string ToString() => Native.Kind switch
    {
        IntegerKind => Native.Bits.ToString(CultureInfo.InvariantCulture),
        FloatKind => ToDouble().ToString(CultureInfo.InvariantCulture),
        _ => Native.Bits != 0 ? "true" : "false",
    };
}
