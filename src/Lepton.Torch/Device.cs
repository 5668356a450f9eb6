using System.Globalization;

namespace Lepton.Torch;

/// <summary>Where a tensor's memory lies.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Index">Which one, from 0; -1 for the current one, and for the CPU.</param>
public readonly record struct Device(DeviceKind Kind, int Index = -1)
{
    /// <summary>The default value: the CPU, as <see cref="Cpu"/>, whose index does not matter.</summary>
    public Device()
        : this(DeviceKind.Cpu)
    {
    }

    /// <summary>The machine's own memory.</summary>
    public static Device Cpu { get; } = new(DeviceKind.Cpu);

    /// <summary>Shapes and dtypes without memory.</summary>
    public static Device Meta { get; } = new(DeviceKind.Meta);

    /// <summary>A GPU, from 0.</summary>
    public static Device Cuda(int index = 0) => new(DeviceKind.Cuda, index);

    /// <summary>Two names of the CPU are equal, whatever their index.</summary>
    public bool Equals(Device other) =>
        Kind == other.Kind && (Kind == DeviceKind.Cpu || Index == other.Index);

    /// <inheritdoc/>
    public override int GetHashCode() => Kind == DeviceKind.Cpu ? 0 : ((int)Kind * 397) ^ Index;

    /// <summary>PyTorch's name: <c>cpu</c>, <c>cuda:0</c>.</summary>
    public override string ToString()
    {
        string kind = Kind switch { DeviceKind.Cpu => "cpu", DeviceKind.Cuda => "cuda", _ => "meta" };
        return Kind == DeviceKind.Cuda && Index >= 0
            ? string.Create(CultureInfo.InvariantCulture, $"{kind}:{Index}")
            : kind;
    }

    /// <summary>Reads <c>cpu</c>, <c>meta</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static Device Parse(string text) => text switch
    {
        "cpu" => Cpu,
        "meta" => Meta,
        "cuda" => Cuda(),
        _ when text.StartsWith("cuda:", StringComparison.Ordinal) &&
            int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int index) =>
            Cuda(index),
        _ => throw new FormatException($"'{text}' is no device. Write cpu, cuda, or cuda:N with the GPU's number."),
    };
}
