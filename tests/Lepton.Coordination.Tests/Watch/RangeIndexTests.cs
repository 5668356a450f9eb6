using Lepton.Coordination.Store;
using Lepton.Coordination.Tests.Store;
using Lepton.Coordination.Watch;
using Lepton.Core.Randomness;

namespace Lepton.Coordination.Tests.Watch;

public sealed class RangeIndexTests
{
    [Fact]
    public void Find_AnyRanges_FindsThoseThatHoldTheKey()
    {
        var random = new SeededRandom(11);
        var index = new RangeIndex();
        List<WatchGroup> groups = [];
        for (var step = 0; step < 3000; step++)
        {
            if (groups.Count > 0 && random.NextInt32(3) == 0)
            {
                var gone = groups[random.NextInt32(groups.Count)];
                groups.Remove(gone);
                gone.Watchers.Clear();
                index.Remove(gone);
            }
            else
            {
                var end = random.NextInt32(10) == 0 ? "\0" : Name(random);
                var group = new WatchGroup(new KeyRange(NaiveStore.Bytes(Name(random)), NaiveStore.Bytes(end)), []);
                group.Add(new Watcher(new WatchOptions(group.Range), new Sink(), 1));
                groups.Add(group);
                index.Add(group);
            }

            var key = NaiveStore.Bytes(Name(random));
            List<WatchGroup> found = [];
            index.Find(key, found);
            Assert.Equal(groups.Count(g => g.Range.Contains(key)), found.Count);
            Assert.All(found, group => Assert.True(group.Range.Contains(key)));
        }
    }

    private static string Name(SeededRandom random) => $"{random.NextInt32(1000)}";

    private sealed class Sink : IWatchSink
    {
        public void Ready(Watcher watcher)
        {
        }
    }
}
