using System.Globalization;
using Lepton.Torch.Distributed;

namespace Lepton.Training.Ranks;

/// <summary>A collective, or a backward, that a rank has begun.</summary>
/// <param name="Sequence">The group's number of it; 0 for what is none.</param>
/// <param name="Operation">What it is.</param>
/// <param name="Tensors">Dtypes and shapes.</param>
internal sealed record BegunCollective(long Sequence, string Operation, string Tensors)
{
    private const char Separator = '\u001f';
    private const char Next = '\u001e';
    private const int Words = 3;

    public BegunCollective(CollectiveInfo info)
        : this(info.Sequence, info.Operation, info.Tensors)
    {
    }

    /// <summary>Such as <c>all_reduce #12 (float64[4])</c>, or <c>joining the group</c>.</summary>
    public override string ToString() => Sequence == 0 ? Operation
        : Tensors.Length == 0 ? string.Create(CultureInfo.InvariantCulture, $"{Operation} #{Sequence}")
        : string.Create(CultureInfo.InvariantCulture, $"{Operation} #{Sequence} ({Tensors})");

    public static string Encode(IEnumerable<BegunCollective> begun) => string.Join(Next, begun.Select(
        static one => string.Create(
            CultureInfo.InvariantCulture, $"{one.Sequence}{Separator}{one.Operation}{Separator}{one.Tensors}")));

    /// <summary>Null for what is not as <see cref="Encode"/> makes it.</summary>
    public static IReadOnlyList<BegunCollective>? Decode(string text)
    {
        if (text.Length == 0)
        {
            return [];
        }

        string[] texts = text.Split(Next);
        BegunCollective[] begun = [.. texts.Select(DecodeOne).OfType<BegunCollective>()];
        return begun.Length == texts.Length ? begun : null;
    }

    private static BegunCollective? DecodeOne(string text)
    {
        string[] words = text.Split(Separator);
        return words.Length == Words
            && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out long sequence)
            ? new BegunCollective(sequence, words[1], words[2])
            : null;
    }
}
