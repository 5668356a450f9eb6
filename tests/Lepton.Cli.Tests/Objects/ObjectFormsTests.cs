using Lepton.Cli.Objects;

namespace Lepton.Cli.Tests.Objects;

/// <summary>What needs no store: what is compared, where files go, how numbers are shown.</summary>
public sealed class ObjectFormsTests
{
    private static readonly DateTimeOffset s_time = new(2026, 11, 28, 13, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(null, 0, null)]
    [InlineData(null, -1, null)]
    [InlineData(null, 1, "newer")]
    [InlineData(true, 1, null)]
    [InlineData(false, -1, "other content")]
    public async Task Plan_SameSize_GoesByContentElseByTime(bool? sameContent, int secondsLater, string? why)
    {
        SyncPlan plan = await SyncPlan.OfAsync(
            [new("a", 1, s_time.AddSeconds(secondsLater))], [new("a", 1, s_time)], _ => Task.FromResult(sameContent));
        Assert.Equal(why, plan.Copies.Select(static copy => copy.Why).SingleOrDefault());
        Assert.Equal(why is null ? 1 : 0, plan.Same);
    }

    [Fact]
    public async Task Plan_NewOtherSizeAndGone_AreNamedInOrder()
    {
        SyncPlan plan = await SyncPlan.OfAsync(
            [new("a", 1, s_time), new("b", 2, s_time)], [new("b", 3, s_time), new("c", 1, s_time), new("d", 1, s_time)],
            _ => throw new InvalidOperationException("The sizes say enough."));
        Assert.Equal([("a", "new"), ("b", "other size")], plan.Copies);
        Assert.Equal(["c", "d"], plan.Deletions);
    }

    [Theory]
    [InlineData("a", "root/a")]
    [InlineData("a/b c/..d", "root/a/b c/..d")]
    [InlineData("..", null)]
    [InlineData("a/../b", null)]
    [InlineData("/a", null)]
    [InlineData("a//b", null)]
    [InlineData("a/", null)]
    [InlineData("", null)]
    [InlineData("a/./b", null)]
    [InlineData("a\0b", null)]
    public void Place_Names_StayBelowTheDirectory(string name, string? place)
    {
        Assert.Equal(place, LocalTree.Place("root", name));
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1, "1 byte")]
    [InlineData(1023, "1,023 bytes")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(12_900_000, "12.3 MiB")]
    [InlineData(5e15, "4.4 PiB")]
    public void Bytes_Counts_AreInPowersOf1024(double bytes, string text)
    {
        Assert.Equal(text, TextForms.Bytes(bytes));
    }

    [Theory]
    [InlineData(0, 1 << 20, 0, "[....................]   0%  0 bytes of 1.0 MiB  0 bytes/s  stalled")]
    [InlineData(1 << 20, 4 << 20, 1 << 20, "[#####...............]  25%  1.0 MiB of 4.0 MiB  1.0 MiB/s  0:03 left")]
    [InlineData(999, 1000, 1, "[###################.]  99%  999 bytes of 1,000 bytes  1 byte/s  0:01 left")]
    [InlineData(9, 8, 1, "[####################] 100%  8 bytes of 8 bytes  1 byte/s  0:00 left")]
    [InlineData(1 << 20, 0, 1 << 20, "1.0 MiB  1.0 MiB/s")]
    public void Line_OfATransfer_TellsBytesRateAndTimeLeft(long bytes, long total, double rate, string line)
    {
        Assert.Equal(line, TransferDisplay.Line(bytes, total, rate));
    }

    [Fact]
    public void Rate_AfterAStall_IsThatOfTheLastSeconds()
    {
        TransferRate rate = new();
        Assert.Equal(100, rate.Add(1, 100));
        Assert.Equal(100, rate.Add(2, 200));
        rate.Add(6, 200);
        rate.Add(12, 200);
        Assert.Equal(0, rate.Add(18, 200));
    }
}
