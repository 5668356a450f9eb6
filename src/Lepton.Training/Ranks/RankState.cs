using System.Globalization;

namespace Lepton.Training.Ranks;

/// <summary>What a rank was last seen at; what it tells the launcher twice a second.</summary>
/// <param name="Rank">The rank.</param>
/// <param name="Beat">Counts up with each report; stands still where the whole process does.</param>
/// <param name="Entered">Collectives, and backwards, that it has begun.</param>
/// <param name="Sequence">The group's number of the last of them.</param>
/// <param name="Operation">What it is.</param>
/// <param name="Tensors">Dtypes and shapes.</param>
/// <param name="Host">The machine.</param>
internal sealed record RankState(
    int Rank, long Beat, long Entered, long Sequence, string Operation, string Tensors, string Host)
{
    private const char Separator = '\t';

    public static string Key(int restart, int rank) =>
        string.Create(CultureInfo.InvariantCulture, $"lepton/state/{restart}/{rank}");

    public static RankState? Decode(string text)
    {
        string[] words = text.Split(Separator);
        return words.Length == 7
            && int.TryParse(words[0], CultureInfo.InvariantCulture, out int rank)
            && long.TryParse(words[1], CultureInfo.InvariantCulture, out long beat)
            && long.TryParse(words[2], CultureInfo.InvariantCulture, out long entered)
            && long.TryParse(words[3], CultureInfo.InvariantCulture, out long sequence)
            ? new RankState(rank, beat, entered, sequence, words[4], words[5], words[6])
            : null;
    }

    public string Encode() => string.Join(
        Separator, [
            Rank.ToString(CultureInfo.InvariantCulture), Beat.ToString(CultureInfo.InvariantCulture),
            Entered.ToString(CultureInfo.InvariantCulture), Sequence.ToString(CultureInfo.InvariantCulture),
            Operation, Tensors, Host,
        ]);

    /// <summary>Such as <c>all_reduce #12 (float64[4])</c>.</summary>
    public string Doing => Tensors.Length == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Operation} #{Sequence}")
        : string.Create(CultureInfo.InvariantCulture, $"{Operation} #{Sequence} ({Tensors})");
}
