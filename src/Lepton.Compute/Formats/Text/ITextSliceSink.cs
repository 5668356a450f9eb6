namespace Lepton.Compute.Formats;

/// <summary>
/// Takes texts that lie in one chunk by their places alone. Each text by itself names its chunk, which costs as much as
/// finding a word.
/// </summary>
internal interface ITextSliceSink
{
    /// <summary>Whether <see cref="AddSlices"/> can be called.</summary>
    bool TakesSlices { get; }

    /// <summary>Whether a chunk is not looked at after the call, and so may be read over.</summary>
    bool LetsGoOfChunks { get; }

    /// <summary>
    /// Takes some texts in their order. The places are valid during the call, and so is the chunk; unless
    /// <see cref="LetsGoOfChunks"/>, it stays so.
    /// </summary>
    void AddSlices(byte[] chunk, ReadOnlySpan<TextSlice> slices);
}
