using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary>Text from the shim.</summary>
internal static unsafe class NativeText
{
    /// <summary>The words of this thread's last failure.</summary>
    public static string LastError() => Borrowed(NativeLibraryCalls.LastError());

    /// <summary>The operator at a place of one of the shim's families; null past the last one.</summary>
    public static string? OperatorName(int family, int place) =>
        Marshal.PtrToStringUTF8((nint)NativeOperators.OperatorName(family, place));

    /// <summary>Text that stays the shim's.</summary>
    public static string Borrowed(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    /// <summary>Text that was handed out; its memory is released. Null stays null.</summary>
    public static string? Taken(byte* text)
    {
        string? result = Marshal.PtrToStringUTF8((nint)text);
        NativeLibraryCalls.Free(text);
        return result;
    }
}
