using FsCheck.Fluent;
using Lepton.Coordination.State;
using Lepton.Coordination.Store;
using Lepton.Coordination.Tests.State;
using Lepton.Coordination.Tests.Store;
using Lepton.Coordination.Watch;
using Lepton.Core.Hashing;

namespace Lepton.Coordination.Tests.Watch;

/// <summary>
/// A follower with watchers applies the leader's log in pieces, or takes the leader's snapshot instead, while watchers
/// come, read, dawdle and go. Each must have seen exactly what happened to its keys from its first revision on.
/// </summary>
public sealed class WatchPropertyTests
{
    private static readonly string[] s_keys = ["a", "b", "b/1", "b/2", "c"];

    [Fact]
    public void Watch_AnySchedule_SeesExactlyItsChanges() =>
        Prop.ForAll<int[]>(codes =>
        {
            var run = new Run();
            foreach (var code in codes)
            {
                // Generated numbers are small; mixed, they choose among all there is.
                run.Do((uint)StableHash.Mix((ulong)code));
            }

            run.Judge();
            return true;
        }).Holds();

    [Fact]
    public void Watch_LongSchedules_SeeExactlyTheirChanges()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            var random = new Core.Randomness.SeededRandom(seed);
            var run = new Run();
            for (var i = 0; i < 600; i++)
            {
                run.Do((uint)random.NextInt32(int.MaxValue));
            }

            run.Judge();
        }
    }

    private sealed class Run
    {
        private readonly CoordinationState _leader = new();
        private readonly CoordinationState _follower = new(watchBufferChangesMax: 4);
        private readonly List<Protocol.Command> _log = [];
        private readonly List<Reader> _readers = [];
        private readonly List<KeyChange> _happened = [];
        private int _step;

        public void Do(uint code)
        {
            var (kind, rest) = (code % 16, code / 16);
            switch (kind)
            {
                case <= 4:
                    Lead(Write(rest));
                    break;
                case 5:
                    Lead(Commands.Compact(_leader.Store.Revision - (rest % 5)));
                    break;
                case <= 9:
                    Follow(rest);
                    break;
                case 10:
                    Take();
                    break;
                case 11:
                    Add(rest);
                    break;
                default:
                    Read(rest);
                    break;
            }

            _step++;
        }

        public void Judge()
        {
            while (_follower.Applied < _leader.Applied)
            {
                Follow(7);
            }

            foreach (var reader in _readers)
            {
                var outcome = reader.ReadAll();
                var expected = Expected(reader, long.MaxValue).ToList();
                if (outcome == WatchOutcome.Compacted)
                {
                    // It ended because the next thing to tell may have been lost, and not before.
                    Assert.True(reader.Last.CompactedRevision > reader.First);
                    Assert.True(reader.Seen.Count == 0 || reader.Seen[^1].Revision < reader.Last.CompactedRevision);
                    expected = expected.Take(reader.Seen.Count).ToList();
                }

                Assert.Equal(expected, reader.Seen.Select(Stamp));
            }
        }

        private static (long, int, string, bool) Stamp(KeyChange change) =>
            (change.Revision, change.Version.Sub, NaiveStore.Text(change.Version.Key), change.Version.IsTombstone);

        private IEnumerable<(long, int, string, bool)> Expected(Reader reader, long revisionMax) => _happened
            .Where(change => change.Revision >= reader.First && change.Revision <= revisionMax
                && reader.Watcher.Options.Range.Contains(change.Version.Key) && reader.Watcher.Options.Admits(change))
            .Select(Stamp);

        private Protocol.Command Write(uint rest)
        {
            var key = s_keys[rest % s_keys.Length];
            var other = s_keys[rest / 8 % s_keys.Length];
            return (rest / 64 % 5) switch
            {
                <= 2 => Commands.Put(key, $"{_step}"),
                3 => Commands.Delete(key, other),
                _ => Commands.Txn(txn => txn.Success.AddRange(
                    [Commands.PutOp(key, $"{_step}"), Commands.DeleteOp(other), Commands.PutOp(other + "x", "")])),
            };
        }

        private void Lead(Protocol.Command command)
        {
            var from = _leader.Store.Revision + 1;
            _leader.Do(command);
            _log.Add(command);
            Assert.Equal(
                ReadFailure.None,
                HistoryReader.Read(_leader.Store, KeyRange.All, from, _leader.Store.Revision, _happened, out _));
            _leader.EndBatch();
        }

        private void Follow(uint rest)
        {
            for (var left = 1 + (rest % 4); left > 0 && _follower.Applied < _leader.Applied; left--)
            {
                _follower.Do(_log[(int)_follower.Applied.Value]);
            }

            if (rest % 3 != 0)
            {
                _follower.EndBatch();
            }
        }

        private void Take()
        {
            if (_follower.Applied < _leader.Applied)
            {
                _follower.EndBatch();
                _follower.RestoreFrom(_leader);
            }
        }

        private void Add(uint rest)
        {
            var ends = new[] { "", "\0", s_keys[rest / 8 % s_keys.Length] };
            var key = NaiveStore.Bytes(s_keys[rest % s_keys.Length]);
            var range = new KeyRange(key, NaiveStore.Bytes(ends[rest / 64 % 3]));
            var start = rest / 256 % 3 == 0 ? 0 : Math.Max(0, _follower.Store.Revision + 2 - (rest / 1024 % 10));
            _readers.Add(new Reader(_follower.Watches, new WatchOptions(range, start)
            {
                NoPut = rest / 16384 % 5 == 0,
                NoDelete = rest / 16384 % 5 == 1,
            }));
        }

        private void Read(uint rest)
        {
            if (_readers.Count == 0)
            {
                return;
            }

            var reader = _readers[(int)(rest % _readers.Count)];
            reader.Read();
            if (_follower.Watches.ProgressOf([reader.Watcher]) is { } progress
                && reader.Last.Outcome is WatchOutcome.Waiting or WatchOutcome.Changes)
            {
                Assert.Equal(
                    Expected(reader, progress),
                    reader.Seen.Where(seen => seen.Revision <= progress).Select(Stamp));
            }
        }
    }
}
