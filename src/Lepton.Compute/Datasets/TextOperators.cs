using Lepton.Compute.Formats;
using Lepton.Compute.Plans;

namespace Lepton.Compute.Datasets;

/// <summary>Operators on text.</summary>
public static class TextOperators
{
    /// <summary>
    /// The words of all texts, in their order: <c>SelectMany(text =&gt; text.Split())</c> without an array a text.
    /// </summary>
    public static Dataset<Utf8Text> Words(this Dataset<Utf8Text> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.With(new WordsNode(source.Node));
    }
}
