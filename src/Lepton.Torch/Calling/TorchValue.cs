namespace Lepton.Torch;

/// <summary>
/// An argument or a result of <see cref="Torch.Call"/>. Tensors, numbers, arrays, strings, dtypes, devices and
/// generators of C# convert to it by themselves; null is <see cref="None"/>.
/// </summary>
public readonly struct TorchValue
{
    private readonly object? _reference;

    private TorchValue(TorchValueKind kind, long bits, object? reference, string? name = null)
    {
        Kind = kind;
        Bits = bits;
        _reference = reference;
        Name = name;
    }

    /// <summary>Python's <c>None</c>.</summary>
    public static TorchValue None => default;

    /// <summary>What it holds.</summary>
    public TorchValueKind Kind { get; }

    internal string? Name { get; }

    internal long Bits { get; }

    internal object? Reference => _reference;

    public static implicit operator TorchValue(Tensor? value) => FromTensor(value);

    public static implicit operator TorchValue(Tensor?[]? value) => FromTensors(value);

    public static implicit operator TorchValue(long value) => FromInt64(value);

    public static implicit operator TorchValue(int value) => FromInt64(value);

    public static implicit operator TorchValue(double value) => FromDouble(value);

    public static implicit operator TorchValue(bool value) => FromBoolean(value);

    public static implicit operator TorchValue(Scalar value) => FromScalar(value);

    public static implicit operator TorchValue(long[]? value) => FromIntegers(value);

    public static implicit operator TorchValue(double[]? value) => FromFloats(value);

    public static implicit operator TorchValue(bool[]? value) => FromBooleans(value);

    public static implicit operator TorchValue(string? value) => FromText(value);

    public static implicit operator TorchValue(DType value) => FromDType(value);

    public static implicit operator TorchValue(Device value) => FromDevice(value);

    public static implicit operator TorchValue(Generator? value) => FromGenerator(value);

    /// <summary>An argument by its name in the operator's schema, behind those by place.</summary>
    public static TorchValue Named(string name, TorchValue value) =>
        new(value.Kind, value.Bits, value._reference, name);

    public static TorchValue FromTensor(Tensor? value) =>
        value is null ? None : new TorchValue(TorchValueKind.Tensor, 0, value);

    public static TorchValue FromTensors(Tensor?[]? value) =>
        value is null ? None : new TorchValue(TorchValueKind.Tensors, 0, value);

    public static TorchValue FromInt64(long value) => new(TorchValueKind.Integer, value, null);

    public static TorchValue FromDouble(double value) =>
        new(TorchValueKind.Float, BitConverter.DoubleToInt64Bits(value), null);

    public static TorchValue FromBoolean(bool value) => new(TorchValueKind.Boolean, value ? 1 : 0, null);

    public static TorchValue FromScalar(Scalar value) =>
        value.IsFloat ? FromDouble(value.ToDouble())
        : value.IsInteger ? FromInt64(value.ToInt64())
        : FromBoolean(value.ToBoolean());

    public static TorchValue FromIntegers(long[]? value) =>
        value is null ? None : new TorchValue(TorchValueKind.Integers, 0, value);

    public static TorchValue FromFloats(double[]? value) =>
        value is null ? None : new TorchValue(TorchValueKind.Floats, 0, value);

    public static TorchValue FromBooleans(bool[]? value) =>
        value is null ? None : new TorchValue(TorchValueKind.Booleans, 0, value);

    public static TorchValue FromText(string? value) =>
        value is null ? None : new TorchValue(TorchValueKind.Text, 0, value);

    public static TorchValue FromDType(DType value) => FromInt64((long)value);

    public static TorchValue FromDevice(Device value) =>
        new(TorchValueKind.Device, (long)value.Kind | ((long)Torch.IndexOf(value) << 32), null);

    public static TorchValue FromGenerator(Generator? value) =>
        value is null ? None : new TorchValue(TorchValueKind.Generator, 0, value);

    /// <summary>The tensor.</summary>
    /// <exception cref="InvalidCastException">It holds something else; so with all that follow.</exception>
    public Tensor ToTensor() => As<Tensor>(TorchValueKind.Tensor);

    /// <summary>The list of tensors.</summary>
    public Tensor[] ToTensors() => As<Tensor[]>(TorchValueKind.Tensors);

    /// <summary>The integer.</summary>
    public long ToInt64() => Kind == TorchValueKind.Integer ? Bits : throw Other(TorchValueKind.Integer);

    /// <summary>The number.</summary>
    public double ToDouble() => Kind switch
    {
        TorchValueKind.Float => BitConverter.Int64BitsToDouble(Bits),
        TorchValueKind.Integer => Bits,
        _ => throw Other(TorchValueKind.Float),
    };

    /// <summary>The truth value.</summary>
    public bool ToBoolean() => Kind == TorchValueKind.Boolean ? Bits != 0 : throw Other(TorchValueKind.Boolean);

    /// <summary>The list of integers.</summary>
    public long[] ToIntegers() => As<long[]>(TorchValueKind.Integers);

    /// <summary>The list of numbers.</summary>
    public double[] ToFloats() => As<double[]>(TorchValueKind.Floats);

    /// <summary>The text, or its kind and value in words.</summary>
    public override string ToString() => Kind switch
    {
        TorchValueKind.None => "none",
        TorchValueKind.Tensor => ((Tensor)_reference!).Signature,
        TorchValueKind.Tensors => $"({Errors.TorchFailure.Describe((Tensor?[])_reference!)})",
        TorchValueKind.Integer => ToInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
        TorchValueKind.Float => ToDouble().ToString(System.Globalization.CultureInfo.InvariantCulture),
        TorchValueKind.Boolean => Bits != 0 ? "true" : "false",
        TorchValueKind.Integers => $"[{string.Join(", ", (long[])_reference!)}]",
        TorchValueKind.Floats => $"[{string.Join(", ", (double[])_reference!)}]",
        TorchValueKind.Booleans => $"[{string.Join(", ", (bool[])_reference!)}]",
        TorchValueKind.Text => (string)_reference!,
        TorchValueKind.Device => new Device((DeviceKind)(int)Bits, (int)(Bits >> 32)).ToString(),
        _ => "a generator",
    };

    private T As<T>(TorchValueKind kind) => Kind == kind ? (T)_reference! : throw Other(kind);

    private InvalidCastException Other(TorchValueKind wanted) => new($"The value is {Kind} ({this}), not {wanted}.");
}
