using Lepton.Torch.Distributed;
using Lepton.Training.Launch;
using Lepton.Training.Ranks;

namespace Lepton.Training.Tests.Launch;

/// <summary>What ranks say of themselves, and when a watch finds something in it.</summary>
internal static class RankStates
{
    private static readonly HashSet<int> s_none = [];

    public static string[] Hosts(int ranks) => [.. Enumerable.Repeat("host", ranks)];

    public static RankState State(int rank, long beat, long entered, long sequence, string tensors = "float32[2]") =>
        new(rank, beat, entered, sequence, "all_reduce", tensors, "host");

    public static GroupProgress Idle(long begun) => new(begun, 8, GroupProgress.Nobody);

    /// <summary>After how many seconds a rank is first told of, and when that is fatal.</summary>
    public static (double? Named, double? Ended) NamedAndEnded(
        this RankWatch watch, int rank, Func<long, RankState?[]> states, string text)
    {
        double? named = null;
        double? ended = null;
        for (double seconds = 0; ended is null && seconds < 400; seconds += 0.25)
        {
            foreach (RankFinding found in watch.Observe(
                states((long)(seconds * 4)), s_none, TimeSpan.FromSeconds(seconds)))
            {
                Assert.Equal(rank, found.Rank);
                Assert.Contains(text, found.Text, StringComparison.Ordinal);
                named ??= seconds;
                ended = found.IsFatal ? seconds : null;
            }
        }

        return (named, ended);
    }
}
