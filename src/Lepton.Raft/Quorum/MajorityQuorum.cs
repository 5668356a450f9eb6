namespace Lepton.Raft.Quorum;

/// <summary>
/// The arithmetic of one set of voters, more than half of which decide. An empty set agrees to everything, so that it
/// is neutral in a <see cref="JointQuorum"/>.
/// </summary>
internal static class MajorityQuorum
{
    /// <summary>How many of so many voters decide.</summary>
    public static int Size(int voters) => (voters / 2) + 1;

    /// <summary>The highest index that a majority has reached. Sorts the voters' indexes in their place.</summary>
    public static LogIndex CommittedIndex(Span<LogIndex> reached)
    {
        if (reached.IsEmpty)
        {
            return new LogIndex(long.MaxValue);
        }

        // Few voters: an insertion sort beats the general one, and needs no comparer.
        for (int i = 1; i < reached.Length; i++)
        {
            LogIndex index = reached[i];
            int place = i;
            for (; place > 0 && reached[place - 1] > index; place--)
            {
                reached[place] = reached[place - 1];
            }

            reached[place] = index;
        }

        return reached[reached.Length - Size(reached.Length)];
    }

    /// <summary>How a ballot stands with so many votes for and against it; the others have yet to answer.</summary>
    public static VoteOutcome Tally(int voters, int granted, int refused)
    {
        int needed = Size(voters);
        return voters == 0 || granted >= needed ? VoteOutcome.Won
            : voters - refused < needed ? VoteOutcome.Lost
            : VoteOutcome.Open;
    }
}
