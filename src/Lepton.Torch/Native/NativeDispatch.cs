using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary>Operators by name.</summary>
internal static unsafe partial class NativeDispatch
{
    private const string Library = NativeLibraryCalls.Library;

    [LibraryImport(Library, EntryPoint = "lt_operator_find", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Find(string name, string? overload, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_operator_schema")]
    public static partial int Schema(nint op, out byte* text);

    [LibraryImport(Library, EntryPoint = "lt_operator_call")]
    public static partial int Call(
        nint op, NativeValue* arguments, int argumentCount, NativeValue* results, int capacity, out int count);

    [LibraryImport(Library, EntryPoint = "lt_value_release")]
    public static partial void ValueRelease(NativeValue* value);
}
