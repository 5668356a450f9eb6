using System.Text;
using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>
/// Writes <see cref="TorchValue"/>s as the shim reads them. Lists and text are copied behind the values into one block,
/// so nothing needs to be pinned during the call.
/// </summary>
internal static unsafe class ValuePacking
{
    private const int Alignment = 8;

    /// <summary>Bytes that the lists and texts of the arguments take.</summary>
    public static int BytesOf(ReadOnlySpan<TorchValue> arguments)
    {
        int bytes = 0;
        foreach (TorchValue argument in arguments)
        {
            bytes += Aligned(PayloadBytes(argument));
            bytes += argument.Name is { } name ? Aligned(Encoding.UTF8.GetByteCount(name) + 1) : 0;
        }

        return bytes;
    }

    /// <summary>Writes the arguments to <paramref name="target"/> and what they point to into the block.</summary>
    public static void Pack(ReadOnlySpan<TorchValue> arguments, NativeValue* target, byte* block)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            TorchValue argument = arguments[i];
            target[i].Kind = (int)argument.Kind;
            target[i].Count = 0;
            target[i].Bits = argument.Bits;
            target[i].Name = null;
            block = PackPayload(argument, ref target[i], block);
            if (argument.Name is { } name)
            {
                target[i].Name = block;
                block = PackText(name, block, out _);
            }
        }
    }

    /// <summary>Takes over what a result holds.</summary>
    public static TorchValue Unpack(NativeValue* value)
    {
        TorchValue result = (TorchValueKind)value->Kind switch
        {
            TorchValueKind.Tensor => Tensor.Own((nint)value->Bits),
            TorchValueKind.Tensors => TorchValue.FromTensors(OwnAll(new Span<nint>((void*)value->Bits, value->Count))),
            TorchValueKind.Integer => value->Bits,
            TorchValueKind.Float => BitConverter.Int64BitsToDouble(value->Bits),
            TorchValueKind.Boolean => value->Bits != 0,
            TorchValueKind.Integers => new Span<long>((void*)value->Bits, value->Count).ToArray(),
            TorchValueKind.Floats => new Span<double>((void*)value->Bits, value->Count).ToArray(),
            TorchValueKind.Text => Encoding.UTF8.GetString((byte*)value->Bits, value->Count),
            TorchValueKind.Device => new Device((DeviceKind)value->Bits, value->Count),
            _ => TorchValue.None,
        };
        NativeDispatch.ValueRelease(value);
        return result;
    }

    private static Tensor?[] OwnAll(Span<nint> handles)
    {
        var tensors = new Tensor?[handles.Length];
        for (int i = 0; i < tensors.Length; i++)
        {
            tensors[i] = handles[i] == 0 ? null : Tensor.Own(handles[i]);
        }

        return tensors;
    }

    private static int PayloadBytes(TorchValue value) => value.Kind switch
    {
        TorchValueKind.Tensors => ((Tensor?[])value.Reference!).Length * sizeof(nint),
        TorchValueKind.Integers => ((long[])value.Reference!).Length * sizeof(long),
        TorchValueKind.Floats => ((double[])value.Reference!).Length * sizeof(double),
        TorchValueKind.Booleans => ((bool[])value.Reference!).Length,
        TorchValueKind.Text => Encoding.UTF8.GetByteCount((string)value.Reference!) + 1,
        _ => 0,
    };

    private static byte* PackPayload(TorchValue value, ref NativeValue target, byte* block)
    {
        switch (value.Kind)
        {
            case TorchValueKind.Tensor:
                target.Bits = ((Tensor)value.Reference!).Handle;
                return block;
            case TorchValueKind.Generator:
                target.Bits = ((Generator)value.Reference!).Handle;
                return block;
            case TorchValueKind.Device:
                target.Bits = (int)value.Bits;
                target.Count = (int)(value.Bits >> 32);
                return block;
            case TorchValueKind.Tensors:
                var tensors = (Tensor?[])value.Reference!;
                for (int i = 0; i < tensors.Length; i++)
                {
                    ((nint*)block)[i] = OperatorCalls.HandleOf(tensors[i]);
                }

                return Listed(ref target, tensors.Length, block, tensors.Length * sizeof(nint));
            case TorchValueKind.Integers:
                return PackList((long[])value.Reference!, ref target, block);
            case TorchValueKind.Floats:
                return PackList((double[])value.Reference!, ref target, block);
            case TorchValueKind.Booleans:
                return PackList((bool[])value.Reference!, ref target, block);
            case TorchValueKind.Text:
                byte* end = PackText((string)value.Reference!, block, out int bytes);
                target.Bits = (long)block;
                target.Count = bytes;
                return end;
            default:
                return block;
        }
    }

    private static byte* PackList<T>(T[] items, ref NativeValue target, byte* block)
        where T : unmanaged
    {
        items.AsSpan().CopyTo(new Span<T>(block, items.Length));
        return Listed(ref target, items.Length, block, items.Length * sizeof(T));
    }

    private static byte* Listed(ref NativeValue target, int count, byte* block, int bytes)
    {
        target.Bits = (long)block;
        target.Count = count;
        return block + Aligned(bytes);
    }

    private static byte* PackText(string text, byte* block, out int bytes)
    {
        bytes = Encoding.UTF8.GetBytes(text, new Span<byte>(block, Encoding.UTF8.GetByteCount(text)));
        block[bytes] = 0;
        return block + Aligned(bytes + 1);
    }

    private static int Aligned(int bytes) => (bytes + Alignment - 1) & ~(Alignment - 1);
}
