using Lepton.Compute.Protocol;
using Lepton.Compute.Session;

namespace Lepton.Compute.Tests.Session;

public sealed class LoopInboxTests
{
    private readonly LoopInbox _inbox = new();
    private readonly ExecutorLink _first = new InProcessLink(1, "first", 1);
    private readonly ExecutorLink _second = new InProcessLink(2, "second", 1);

    [Fact]
    public void Post_SignsOfLifeThatNobodyTakes_OnlyTheLastOfEachExecutorWaits()
    {
        for (int beat = 1; beat <= 100_000; beat++)
        {
            Beat(_first, beat);
            Beat(_second, -beat);
        }

        Assert.Equal([100_000, -100_000], Taken().Select(input => input.Message!.Beat.ResidentBytes));
    }

    [Fact]
    public void Post_OtherMessagesAndCalls_AllWaitInOrder()
    {
        Beat(_first, 1);
        _inbox.Post(new LoopInput(_first, new FromExecutor { Results = new TaskResults() }, null));
        _inbox.Post(new LoopInput(_first, new FromExecutor { Results = new TaskResults() }, null));
        _inbox.Post(new LoopInput(null, null, () => { }));
        Beat(_first, 2);

        List<LoopInput> taken = Taken();

        Assert.Equal(
            ["Beat", "Results", "Results", "call"],
            taken.Select(input => input.Message?.KindCase.ToString() ?? "call"));
        Assert.Equal(2, taken[0].Message!.Beat.ResidentBytes);
    }

    [Fact]
    public void Post_SignOfLifeAfterTheLastWasTaken_WaitsAgain()
    {
        Beat(_first, 1);
        Taken();
        Beat(_first, 2);
        Assert.Equal(2, Assert.Single(Taken()).Message!.Beat.ResidentBytes);
    }

    private void Beat(ExecutorLink link, long bytes) =>
        _inbox.Post(new LoopInput(link, new FromExecutor { Beat = new Beat { ResidentBytes = bytes } }, null));

    private List<LoopInput> Taken() => _inbox.Take([], TimeSpan.Zero);
}
