using Lepton.Coordination.State;
using Lepton.Coordination.Store;
using Lepton.Coordination.Watch;

namespace Lepton.Coordination.Tests.State;

public sealed class DeterminismTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Apply_SameCommandsOtherCircumstances_GivesSameResultsAndState(ulong seed)
    {
        // One node runs through. The other frees late, is pinned, watched, read, and restarted from snapshots.
        var commands = new RandomCommands(seed);
        var plain = new CoordinationState();
        var other = new CoordinationState();
        List<RevisionPin> pins = [];
        for (var i = 0; i < 1500; i++)
        {
            var command = commands.Next();
            var result = plain.Do(command);
            Assert.Equal(result, other.Do(command));
            commands.Revision = result.Revision;
            plain.EndBatch();
            switch (i % 31)
            {
                case 3 when other.Store.TryPin(0, out var pin) == ReadFailure.None:
                    pins.Add(pin!);
                    break;
                case 13:
                    other.EndBatch();
                    pins.ForEach(held => held.Dispose());
                    pins.Clear();
                    break;
                case 23:
                    var restarted = new CoordinationState();
                    restarted.RestoreFrom(other);
                    other = restarted;
                    pins.Clear();
                    break;
                case 29:
                    other.Watches.Add(new WatchOptions(KeyRange.All, 1), new Sink(), out _);
                    break;
                default:
                    break;
            }
        }

        Assert.Equal(plain.Snapshot(), other.Snapshot());
        Assert.Equal(Hash(plain), Hash(other));
    }

    private static (uint, long) Hash(CoordinationState state)
    {
        Assert.Equal(ReadFailure.None, StateHash.Compute(state.Store, 0, out var hash, out var compacted));
        return (hash, compacted);
    }

    private sealed class Sink : IWatchSink
    {
        public void Ready(Watcher watcher)
        {
        }
    }
}
