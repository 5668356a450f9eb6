using Lepton.Core.Randomness;

namespace Lepton.Simulation.Checking;

public sealed class LinearizabilityCheckerTests
{
    private static readonly RegisterInput Get = new RegisterInput.Get();
    private static readonly RegisterOutput Written = new(null, false);

    [Fact]
    public void Check_ReadOfAnOverwrittenValue_IsAViolation() => Assert.Equal(Verdict.Violation, Judge(
        new(0, Put("a"), Written, 0, 1),
        new(0, Put("b"), Written, 2, 3),
        new(1, Get, Read("a"), 4, 5)));

    [Fact]
    public void Check_ReadsThatGoBackInTime_AreAViolation() => Assert.Equal(Verdict.Violation, Judge(
        new(0, Put("a"), Written, 0, 1),
        new(0, Put("b"), Written, 2, 10),
        new(1, Get, Read("b"), 3, 4),
        new(2, Get, Read("a"), 5, 6)));

    [Fact]
    public void Check_TwoWinnersOfOneCompareAndSet_AreAViolation() => Assert.Equal(Verdict.Violation, Judge(
        new(0, new RegisterInput.CompareAndSet(null, "a"), new(null, true), 0, 5),
        new(1, new RegisterInput.CompareAndSet(null, "b"), new(null, true), 0, 5)));

    [Fact]
    public void Check_LostWriteThatWasAcknowledged_IsAViolation() => Assert.Equal(Verdict.Violation, Judge(
        new(0, Put("a"), Written, 0, 1),
        new(1, Get, Read(null), 2, 3)));

    [Fact]
    public void Check_UnknownWriteSeenThenGone_IsAViolation() => Assert.Equal(Verdict.Violation, Judge(
        new(0, Put("a"), Written, 0, 1),
        new(0, Put("b"), null, 2, 0),
        new(1, Get, Read("b"), 3, 4),
        new(1, Get, Read("a"), 5, 6)));

    [Fact]
    public void Check_UnknownWriteThatTakesEffectLate_IsRight() => Assert.Equal(Verdict.Linearizable, Judge(
        new(0, Put("a"), Written, 0, 1),
        new(0, Put("b"), null, 2, 0),
        new(1, Get, Read("a"), 3, 4),
        new(1, Get, Read("b"), 5, 6)));

    [Fact]
    public void Check_UnknownWriteThatNeverTakesEffect_IsRight() => Assert.Equal(Verdict.Linearizable, Judge(
        new(0, Put("a"), Written, 0, 1),
        new(0, Put("b"), null, 2, 0),
        new(1, Get, Read("a"), 3, 400)));

    [Fact]
    public void Check_OverlappingWrites_MayTakeEffectInEitherOrder() => Assert.Equal(Verdict.Linearizable, Judge(
        new(0, Put("a"), Written, 0, 10),
        new(1, Put("b"), Written, 0, 10),
        new(2, Get, Read("b"), 2, 3),
        new(2, Get, Read("a"), 4, 5)));

    [Fact]
    public void Check_Violation_ShowsWhatDoesNotFit()
    {
        LinearizabilityReport report = LinearizabilityChecker.Check(new RegisterModel(),
            [new(0, Put("a"), Written, 0, 1), new(1, Get, Read("z"), 2, 3)]);

        Assert.Contains("client 1: get = z [2, 3]", report.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_HistoriesOfARealRegister_AreRightAndPlantedViolationsAreFound()
    {
        for (ulong seed = 1; seed <= 500; seed++)
        {
            SeededRandom random = new(seed);
            List<Operation<RegisterInput, RegisterOutput>> history = RegisterHistory.Generate(random, 4, 60);
            LinearizabilityReport report = LinearizabilityChecker.Check(new RegisterModel(), history);
            Assert.True(report.Verdict == Verdict.Linearizable, $"seed {seed}: {report.Explanation}");
            Assert.Equal(Verdict.Linearizable,
                LinearizabilityChecker.Check(new RegisterModel(), UnseenValues.Merge(history)).Verdict);

            int read = RegisterHistory.PlantReadOfNothing(history, random);
            Assert.True(read < 0 || LinearizabilityChecker.Check(new RegisterModel(),
                UnseenValues.Merge(history)).Verdict ==
                Verdict.Violation, $"seed {seed}: a read of a value that nobody wrote was taken for right");
        }
    }

    private static RegisterInput.Put Put(string value) => new RegisterInput.Put(value);

    private static RegisterOutput Read(string? value) => new(value, false);

    private static Verdict Judge(params Operation<RegisterInput, RegisterOutput>[] history) =>
        LinearizabilityChecker.Check(new RegisterModel(), history).Verdict;
}
