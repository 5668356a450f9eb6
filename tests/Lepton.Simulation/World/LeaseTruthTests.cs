namespace Lepton.Simulation.World;

/// <summary>Planted violations of what leases and locks promise.</summary>
public sealed class LeaseTruthTests
{
    private readonly EventQueue _events = new();
    private readonly LeaseTruth _truth;

    public LeaseTruthTests() => _truth = new LeaseTruth(_events);

    [Fact]
    public void RanOut_WhenItsTimeIsOver_IsFine()
    {
        _truth.Promised(1, 100);
        At(100);
        _truth.RanOut(1);

        // Another node applies it, and a late keep-alive's answer comes.
        At(200);
        _truth.RanOut(1);
        _truth.Promised(1, 100);
    }

    [Fact]
    public void RanOut_BeforeItsTime_IsFound()
    {
        _truth.Promised(1, 100);
        _truth.Promised(1, 90);
        At(99);
        Violates("leases", () => _truth.RanOut(1));
    }

    [Fact]
    public void Promised_AfterItRanOut_IsFound()
    {
        At(99);
        _truth.RanOut(1);
        Violates("leases", () => _truth.Promised(1, 100));
    }

    [Fact]
    public void Holds_OneAfterTheOther_IsFine()
    {
        _truth.Holds(0, token: 5, untilUs: 100);
        _truth.Holds(0, token: 5, untilUs: 150);
        At(150);
        _truth.Holds(1, token: 7, untilUs: 300);
        _truth.Released(1);
        _truth.Holds(0, token: 9, untilUs: 400);
    }

    [Fact]
    public void Holds_TwoAtOnce_IsFound()
    {
        _truth.Holds(0, token: 5, untilUs: 100);
        At(99);
        Violates("one holder", () => _truth.Holds(1, token: 7, untilUs: 300));
    }

    [Fact]
    public void Holds_SmallerTokenLater_IsFound()
    {
        _truth.Holds(0, token: 5, untilUs: 100);
        _truth.Released(0);
        Violates("fencing tokens", () => _truth.Holds(1, token: 4, untilUs: 300));
        Violates("fencing tokens", () => _truth.Holds(1, token: 5, untilUs: 300));
    }

    private void At(long timeUs)
    {
        while (_events.RunNext(timeUs))
        {
        }
    }

    private static void Violates(string property, Action action) => Assert.StartsWith(
        $"{property}: ", Assert.Throws<SafetyViolationException>(action).Message, StringComparison.Ordinal);
}
