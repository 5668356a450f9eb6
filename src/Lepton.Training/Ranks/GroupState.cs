using System.Globalization;
using Lepton.Torch.Distributed;

namespace Lepton.Training.Ranks;

/// <summary>How far a rank has come in one of its groups.</summary>
/// <param name="Name">
/// The same on each rank of the group, and no other group's; without spaces, tabs and semicolons.
/// </param>
/// <param name="Rank">The rank's place in it.</param>
/// <param name="Progress">How far it has come.</param>
internal sealed record GroupState(string Name, int Rank, GroupProgress Progress)
{
    private const char Separator = ' ';
    private const char Next = ';';
    private const int Words = 5;

    public static string Encode(IEnumerable<GroupState> groups) => string.Join(Next, groups.Select(
        static group => string.Create(
            CultureInfo.InvariantCulture,
            $"{group.Name} {group.Rank} {group.Progress.Begun} {group.Progress.Waits} {group.Progress.Awaited}")));

    /// <summary>Null for what is not as <see cref="Encode"/> makes it.</summary>
    public static IReadOnlyList<GroupState>? Decode(string text)
    {
        if (text.Length == 0)
        {
            return [];
        }

        string[] texts = text.Split(Next);
        GroupState[] groups = [.. texts.Select(DecodeOne).OfType<GroupState>()];
        return groups.Length == texts.Length ? groups : null;
    }

    private static GroupState? DecodeOne(string text)
    {
        string[] words = text.Split(Separator);
        return words.Length == Words && Number(words[1], out long rank) && Number(words[2], out long begun)
            && Number(words[3], out long waits) && Number(words[4], out long awaited)
            ? new GroupState(words[0], (int)rank, new GroupProgress(begun, waits, (int)awaited))
            : null;
    }

    private static bool Number(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
