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

    [Fact]
    public void Check_ShortHistories_AreJudgedAsAllOrdersTogetherAre()
    {
        int violations = 0;
        for (ulong seed = 1; seed <= 3000; seed++)
        {
            SeededRandom random = new(seed);
            List<Operation<RegisterInput, RegisterOutput>> history = RegisterHistory.Generate(random, 3, 7);
            for (int i = 0; i < history.Count; i++)
            {
                // Some answers are lost, some are wrong.
                history[i] = random.NextInt32(8) switch
                {
                    0 or 1 => history[i] with { Output = null },
                    2 when history[i].Output is { } output => history[i] with
                    {
                        Output = new RegisterOutput(
                            random.NextInt32(2) == 0 ? null : $"{random.NextInt32(7)}", !output.Done),
                    },
                    _ => history[i],
                };
            }

            bool isRight = HasOrder(history, new RegisterModel().Initial);
            violations += isRight ? 0 : 1;
            Assert.True(
                (isRight ? Verdict.Linearizable : Verdict.Violation) == Judge([.. history]),
                $"seed {seed}: all orders say {isRight}");
            Assert.Equal(
                isRight ? Verdict.Linearizable : Verdict.Violation, Judge([.. UnseenValues.Merge(history)]));
        }

        Assert.InRange(violations, 500, 2500);
    }

    [Fact]
    public void Check_ManyWritesWithoutAnAnswer_IsDecided()
    {
        // Each write without an answer takes effect never but for the last, which explains the read at the end.
        const int Lost = 40;
        List<Operation<RegisterInput, RegisterOutput>> history = [];
        for (int i = 0; i < Lost; i++)
        {
            history.Add(new(i, Put($"lost {i}"), null, 10 * i, 0));
            history.Add(new(100, Put($"{i}"), Written, (10 * i) + 1, (10 * i) + 4));
            history.Add(new(101, Get, Read($"{i}"), (10 * i) + 2, (10 * i) + 6));
        }

        history.Add(new(101, Get, Read($"lost {Lost - 1}"), 10 * Lost, (10 * Lost) + 1));
        Assert.Equal(Verdict.Linearizable, Judge([.. history]));

        history.Add(new(101, Get, Read($"lost {Lost}"), (10 * Lost) + 2, (10 * Lost) + 3));
        Assert.Equal(Verdict.Violation, Judge([.. history]));
    }

    // Without any shortcut: whatever may come first is tried, and what has no answer may also never come.
    private static bool HasOrder(List<Operation<RegisterInput, RegisterOutput>> left, string state) =>
        left.All(static operation => operation.Output is null) || left.Any(first =>
            left.All(other => other.Output is null || other.ReturnedAt >= first.InvokedAt)
            && new RegisterModel().Step(state, first.Input, first.Output) is (true, string next)
            && HasOrder([.. left.Where(other => other != first)], next));

    private static RegisterInput.Put Put(string value) => new RegisterInput.Put(value);

    private static RegisterOutput Read(string? value) => new(value, false);

    private static Verdict Judge(params Operation<RegisterInput, RegisterOutput>[] history) =>
        LinearizabilityChecker.Check(new RegisterModel(), history).Verdict;
}
