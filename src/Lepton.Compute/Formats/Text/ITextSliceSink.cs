namespace Lepton.Compute.Formats;

/// <summary>
/// Takes texts that lie in one chunk by their places alone. Each text by itself names its chunk, which costs as much as
/// finding a word.
/// </summary>
internal interface ITextSliceSink
{
    /// <summary>Whether <see cref="AddSlices"/> can be called.</summary>
    bool TakesSlices { get; }

    /// <summary>Takes some texts in their order. The chunk stays valid, the places only during the call.</summary>
    void AddSlices(byte[] chunk, ReadOnlySpan<TextSlice> slices);
}
