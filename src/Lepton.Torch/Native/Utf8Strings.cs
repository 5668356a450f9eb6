using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary>Strings as native calls take them, an array of addresses, until it is disposed.</summary>
internal readonly unsafe ref struct Utf8Strings
{
    private readonly byte** _pointers;
    private readonly int _count;

    public Utf8Strings(ReadOnlySpan<string> texts)
    {
        _count = texts.Length;
        _pointers = (byte**)NativeMemory.AllocZeroed((nuint)_count, (nuint)sizeof(byte*));
        for (int i = 0; i < _count; i++)
        {
            _pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
        }
    }

    public byte** Pointers => _pointers;

    public void Dispose()
    {
        for (int i = 0; i < _count; i++)
        {
            Marshal.FreeCoTaskMem((nint)_pointers[i]);
        }

        NativeMemory.Free(_pointers);
    }
}
