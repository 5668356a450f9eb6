using System.Globalization;
using Lepton.Training.ParameterServer.Workers;

namespace Lepton.Training.Tests.ParameterServer;

public sealed class ShareMapTests
{
    private static readonly (string Name, long Elements)[] s_model =
    [
        ("fc1.weight", 1024 * 784), ("fc1.bias", 1024), ("fc2.weight", 1024 * 1024), ("fc2.bias", 1024),
        ("fc3.weight", 10 * 1024), ("fc3.bias", 10), ("empty", 0),
    ];

    [Theory]
    [InlineData(1, 65_536)]
    [InlineData(3, 65_536)]
    [InlineData(4, 1000)]
    [InlineData(64, 1_000_000)]
    public void Of_AnyModel_EachElementIsOnOneServer(int servers, int sliceElementsMax)
    {
        ShareMap map = ShareMap.Of(s_model, servers, sliceElementsMax);

        int[][] seen = [.. s_model.Select(static parameter => new int[parameter.Elements])];
        for (int server = 0; server < servers; server++)
        {
            long at = 0;
            foreach (Slice slice in map.Of(server))
            {
                Assert.Equal(at, slice.At);
                Assert.InRange(slice.Length, 1, sliceElementsMax);
                at += slice.Length;
                for (long i = slice.Start; i < slice.Start + slice.Length; i++)
                {
                    seen[slice.Parameter][i]++;
                }
            }

            Assert.Equal(at, map.ElementsOf(server));
        }

        Assert.All(seen, static parameter => Assert.All(parameter, static count => Assert.Equal(1, count)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Of_LargeModel_ServersHoldAboutAsMuch(int servers)
    {
        ShareMap map = ShareMap.Of(s_model, servers, 65_536);

        double mean = s_model.Sum(static parameter => parameter.Elements) / (double)servers;
        Assert.All(
            Enumerable.Range(0, servers), server => Assert.InRange(map.ElementsOf(server), 0.5 * mean, 1.5 * mean));
    }

    [Fact]
    public void Of_AnotherServer_FewSlicesMove()
    {
        ShareMap before = ShareMap.Of(s_model, 4, 8192);
        ShareMap after = ShareMap.Of(s_model, 5, 8192);

        string[] owners = OwnersOf(before, 4);
        double moved = owners.Except(OwnersOf(after, 5)).Count();

        // A fifth has to.
        Assert.InRange(moved / owners.Length, 0, 0.5);
    }

    [Fact]
    public void Fingerprint_OtherShape_Differs()
    {
        ulong one = ShareMap.Of([("a", 100)], 2, 64).Fingerprint;

        Assert.Equal(one, ShareMap.Of([("a", 100)], 2, 64).Fingerprint);
        Assert.NotEqual(one, ShareMap.Of([("a", 101)], 2, 64).Fingerprint);
        Assert.NotEqual(one, ShareMap.Of([("b", 100)], 2, 64).Fingerprint);
        Assert.NotEqual(one, ShareMap.Of([("a", 100)], 2, 50).Fingerprint);
    }

    private static string[] OwnersOf(ShareMap map, int servers) => [.. Enumerable.Range(0, servers).SelectMany(
        server => map.Of(server).Select(slice => string.Create(
            CultureInfo.InvariantCulture, $"{slice.Parameter}[{slice.Start}] on {server}")))];
}
