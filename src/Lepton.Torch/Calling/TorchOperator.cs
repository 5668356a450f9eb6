using System.Runtime.InteropServices;
using Lepton.Torch.Errors;
using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>
/// Any operator of libtorch by its name, called through the dispatcher: what has no method here, and what is used too
/// rarely to have one. Keep one for each operator that is called often; it looks the name up once, at its first use.
/// </summary>
/// <param name="name">
/// The name with its namespace and, where there are several, the overload: <c>aten::relu</c>,
/// <c>aten::add.Tensor</c>.
/// </param>
public sealed class TorchOperator(string name)
{
    private const int ResultsMax = 16;
    private const int StackBytes = 1024;
    private nint _handle;

    /// <summary>The name as it was given.</summary>
    public string Name => name;

    /// <summary>
    /// The operator's arguments with their types and defaults, and its results, as libtorch writes them.
    /// </summary>
    /// <exception cref="TorchOperatorException">There is no such operator.</exception>
    public unsafe string Schema
    {
        get
        {
            TorchFailure.Check(NativeDispatch.Schema(Handle(), out byte* text), name);
            return NativeText.Taken(text) ?? "";
        }
    }

    /// <summary>Calls the operator, whose only result is a tensor.</summary>
    /// <param name="arguments">
    /// By place, then by name (<see cref="TorchValue.Named"/>); those left out get the schema's defaults.
    /// </param>
    /// <exception cref="TorchOperatorException">The operator refused its arguments, or there is none.</exception>
    public unsafe Tensor Call(params ReadOnlySpan<TorchValue> arguments)
    {
        NativeValue* results = stackalloc NativeValue[ResultsMax];
        int count = Invoke(arguments, results);
        if (count == 1 && results[0].Kind == (int)TorchValueKind.Tensor)
        {
            return Tensor.Own((nint)results[0].Bits);
        }

        TorchValue[] given = Unpack(results, count);
        foreach (TorchValue value in given)
        {
            if (value.Kind == TorchValueKind.Tensor)
            {
                value.ToTensor().Dispose();
            }
        }

        throw new InvalidOperationException(
            $"{name} gives {(count == 1 ? given[0].Kind : $"{count} results")}, not one tensor. Use CallAll.");
    }

    /// <summary>Calls the operator and gives all its results.</summary>
    public unsafe TorchValue[] CallAll(params ReadOnlySpan<TorchValue> arguments)
    {
        NativeValue* results = stackalloc NativeValue[ResultsMax];
        int count = Invoke(arguments, results);
        return Unpack(results, count);
    }

    /// <summary>Calls the operator for its effect, such as an in-place one; its results are freed.</summary>
    public unsafe void Run(params ReadOnlySpan<TorchValue> arguments)
    {
        NativeValue* results = stackalloc NativeValue[ResultsMax];
        int count = Invoke(arguments, results);
        for (int i = 0; i < count; i++)
        {
            if (results[i].Kind == (int)TorchValueKind.Tensor)
            {
                NativeTensors.Release((nint)results[i].Bits);
            }
            else
            {
                if (results[i].Kind == (int)TorchValueKind.Tensors)
                {
                    NativeTensors.ReleaseAll((nint*)results[i].Bits, results[i].Count);
                }

                NativeDispatch.ValueRelease(&results[i]);
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => name;

    private static unsafe TorchValue[] Unpack(NativeValue* results, int count)
    {
        var values = new TorchValue[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = ValuePacking.Unpack(&results[i]);
        }

        return values;
    }

    private unsafe int Invoke(ReadOnlySpan<TorchValue> arguments, NativeValue* results)
    {
        nint handle = Handle();
        NativeValue* values = stackalloc NativeValue[arguments.Length];
        int bytes = ValuePacking.BytesOf(arguments);
        byte* onStack = stackalloc byte[bytes <= StackBytes ? bytes : 0];
        byte* block = bytes <= StackBytes ? onStack : (byte*)NativeMemory.Alloc((nuint)bytes);
        int status;
        int count;
        try
        {
            ValuePacking.Pack(arguments, values, block);
            status = NativeDispatch.Call(handle, values, arguments.Length, results, ResultsMax, out count);
        }
        finally
        {
            if (block != onStack)
            {
                NativeMemory.Free(block);
            }
        }

        if (status != 0)
        {
            throw TorchFailure.Of(status, name, Describe(arguments));
        }

        foreach (TorchValue argument in arguments)
        {
            GC.KeepAlive(argument.Reference);
        }

        return count;
    }

    private static string Describe(ReadOnlySpan<TorchValue> arguments)
    {
        string[] parts = new string[arguments.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = arguments[i].Name is { } named ? $"{named}={arguments[i]}" : arguments[i].ToString();
        }

        return string.Join(", ", parts);
    }

    private nint Handle()
    {
        if (_handle == 0)
        {
            // Two threads that come at once find the same address.
            int dot = name.IndexOf('.', StringComparison.Ordinal);
            int status = dot < 0
                ? NativeDispatch.Find(name, null, out nint found)
                : NativeDispatch.Find(name[..dot], name[(dot + 1)..], out found);
            TorchFailure.Check(status, name);
            _handle = found;
        }

        return _handle;
    }
}
