using FsCheck.Fluent;
using Lepton.Raft.Quorum;

namespace Lepton.Raft.Tests.Quorum;

public sealed class QuorumTests
{
    [Fact]
    public void CommittedIndex_AnyVoters_IsTheHighestThatAMajorityReached() =>
        Prop.ForAll<ushort[]>(reached =>
        {
            LogIndex[] indexes = [.. reached.Select(index => new LogIndex(index))];
            LogIndex committed = MajorityQuorum.CommittedIndex([.. indexes]);
            return indexes.Length == 0
                ? committed == new LogIndex(long.MaxValue)
                : indexes.Count(index => index >= committed) > indexes.Length / 2
                    && indexes.Count(index => index > committed) <= indexes.Length / 2;
        }).Holds();

    [Fact]
    public void CommittedIndex_TwoSets_IsReachedByAMajorityOfEach() =>
        Prop.ForAll<ushort[], ushort[]>((incoming, outgoing) =>
        {
            LogIndex[] first = [.. incoming.Select(index => new LogIndex(index))];
            LogIndex[] second = [.. outgoing.Select(index => new LogIndex(index))];
            LogIndex committed = JointQuorum.CommittedIndex([.. first], [.. second]);
            bool isReached = HasMajority(first, committed) && HasMajority(second, committed);
            bool isHighest = committed.Value == long.MaxValue
                || !HasMajority(first, committed.Next) || !HasMajority(second, committed.Next);
            return isReached && isHighest;
        }).Holds();

    [Fact]
    public void Tally_AnyVotes_IsDecidedExactlyWhenTheRestCannotChangeIt() =>
        Prop.ForAll<byte, byte, byte>((granted, refused, open) =>
        {
            int voters = granted + refused + open;
            VoteOutcome outcome = MajorityQuorum.Tally(voters, granted, refused);
            bool won = voters == 0 || granted * 2 > voters;
            bool canWin = voters == 0 || (granted + open) * 2 > voters;
            return outcome == (won ? VoteOutcome.Won : canWin ? VoteOutcome.Open : VoteOutcome.Lost);
        }).Holds();

    [Fact]
    public void Tally_TwoBallots_CannotBothBeWon() =>
        Prop.ForAll<byte, byte, byte>((first, second, others) =>
        {
            int voters = first + second + others;
            return voters == 0
                || MajorityQuorum.Tally(voters, first, 0) != VoteOutcome.Won
                || MajorityQuorum.Tally(voters, second, 0) != VoteOutcome.Won;
        }).Holds();

    [Theory]
    [InlineData(VoteOutcome.Won, VoteOutcome.Won, VoteOutcome.Won)]
    [InlineData(VoteOutcome.Won, VoteOutcome.Open, VoteOutcome.Open)]
    [InlineData(VoteOutcome.Open, VoteOutcome.Lost, VoteOutcome.Lost)]
    [InlineData(VoteOutcome.Won, VoteOutcome.Lost, VoteOutcome.Lost)]
    internal void Combine_TwoSets_NeedsBoth(VoteOutcome incoming, VoteOutcome outgoing, VoteOutcome expected)
    {
        Assert.Equal(expected, JointQuorum.Combine(incoming, outgoing));
        Assert.Equal(expected, JointQuorum.Combine(outgoing, incoming));
    }

    private static bool HasMajority(LogIndex[] indexes, LogIndex reached) =>
        indexes.Length == 0 || indexes.Count(index => index >= reached) > indexes.Length / 2;
}
