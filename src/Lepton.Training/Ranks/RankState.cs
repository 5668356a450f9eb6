using System.Globalization;

namespace Lepton.Training.Ranks;

/// <summary>What a rank was last seen at; what it tells the launcher several times a second.</summary>
/// <param name="Rank">The rank.</param>
/// <param name="Beat">Counts up with each report; stands still where the whole process does.</param>
/// <param name="Entered">Collectives, and backwards, that it has begun.</param>
/// <param name="Sequence">The group's number of the last of them.</param>
/// <param name="Operation">What it is.</param>
/// <param name="Tensors">Dtypes and shapes.</param>
/// <param name="Host">The machine.</param>
/// <param name="PatienceMs">How long it asks the others to wait for its next collective; 0: for no longer than
/// usual.</param>
/// <param name="ResidentBytes">The memory that its process has.</param>
/// <param name="LiveTensors">The tensors that it holds.</param>
/// <param name="HasLeft">Whether it has left the group, and begins nothing more.</param>
internal sealed record RankState(
    int Rank, long Beat, long Entered, long Sequence, string Operation, string Tensors, string Host,
    long PatienceMs = 0, long ResidentBytes = 0, long LiveTensors = 0, bool HasLeft = false)
{
    /// <summary>The name of the group that all ranks are in.</summary>
    public const string AllRanks = "all";

    private const char Separator = '\t';
    private const int Words = 13;

    /// <summary>How far it has come in each of its groups; empty where that is not known.</summary>
    public IReadOnlyList<GroupState> Groups { get; init; } = [];

    /// <summary>What it had begun before, the newest first, as far back as it is told.</summary>
    public IReadOnlyList<BegunCollective> Earlier { get; init; } = [];

    /// <summary>Changes with all that it begins, and with each wait.</summary>
    public long Moves => Entered + Groups.Sum(static group => group.Progress.Begun + group.Progress.Waits);

    /// <summary>How long it asks the others to wait.</summary>
    public TimeSpan Patience => TimeSpan.FromMilliseconds(PatienceMs);

    /// <summary>Such as <c>all_reduce #12 (float64[4])</c>, or <c>joining the group</c>.</summary>
    public string Doing => Last.ToString();

    private BegunCollective Last => new(Sequence, Operation, Tensors);

    /// <summary>What it holds, such as <c>512 MiB and 3120 tensors</c>.</summary>
    public string Memory => string.Create(
        CultureInfo.InvariantCulture, $"{ResidentBytes / (1024 * 1024)} MiB and {LiveTensors} tensors");

    /// <summary>The numbers of what it tells to have begun, as <see cref="Begun"/> takes them.</summary>
    public IEnumerable<long> Told => Enumerable.Range(0, Earlier.Count + 1).Select(back => Entered - back);

    /// <summary>What it began as its n-th, counted as <see cref="Entered"/> is; null where that is not told.</summary>
    public BegunCollective? Begun(long number) => (Entered - number) switch
    {
        0 => Last,
        > 0 and long back when back <= Earlier.Count => Earlier[(int)back - 1],
        _ => null,
    };

    public static string Key(int restart, int rank) =>
        string.Create(CultureInfo.InvariantCulture, $"lepton/state/{restart}/{rank}");

    public static RankState? Decode(string text)
    {
        string[] words = text.Split(Separator);
        long[] numbers = new long[8];
        if (words.Length != Words)
        {
            return null;
        }

        string[] digits = [.. words[..4], .. words[7..^2]];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!long.TryParse(digits[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return null;
            }
        }

        return GroupState.Decode(words[^2]) is { } groups && BegunCollective.Decode(words[^1]) is { } earlier
            ? new RankState(
                (int)numbers[0], numbers[1], numbers[2], numbers[3], words[4], words[5], words[6], numbers[4],
                numbers[5], numbers[6], numbers[7] > 0)
            {
                Groups = groups,
                Earlier = earlier,
            }
            : null;
    }

    public string Encode() => string.Join(
        Separator, [
            Text(Rank), Text(Beat), Text(Entered), Text(Sequence), Operation, Tensors, Host, Text(PatienceMs),
            Text(ResidentBytes), Text(LiveTensors), Text(HasLeft ? 1 : 0),
            GroupState.Encode(Groups), BegunCollective.Encode(Earlier),
        ]);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
