using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lepton.Compute.Formats;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// Texts of one chunk. <typeparamref name="T"/> is <see cref="Utf8Text"/>, as only code that is generic over it knows.
/// </summary>
internal readonly ref struct TextSlices<T>(byte[] chunk, ReadOnlySpan<TextSlice> slices) : IRecordBatch<T>
{
    private readonly byte[] _chunk = chunk;
    private readonly ReadOnlySpan<TextSlice> _slices = slices;

    public int Count => _slices.Length;

    public T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var text = new Utf8Text(_chunk, Unsafe.Add(ref MemoryMarshal.GetReference(_slices), index));
            return Unsafe.As<Utf8Text, T>(ref text);
        }
    }
}
