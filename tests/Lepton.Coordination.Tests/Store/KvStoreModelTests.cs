using FsCheck.Fluent;
using Lepton.Coordination.Store;
using Lepton.Core.Hashing;
using Lepton.Core.Randomness;

namespace Lepton.Coordination.Tests.Store;

public sealed class KvStoreModelTests
{
    private static readonly string[] s_keys =
        ["a", "a\0", "aa", "ab/1", "ab/2", "ab/longer-than-eight/1", "ab/longer-than-eight/2", "b", "b\u00ff", "\u00ff", "z"];

    [Fact]
    public void Store_AnyCommands_AnswersAsTheDefinitionDoes() =>
        Prop.ForAll<int[]>(codes =>
        {
            new Run(s_keys).All(codes);
            return true;
        }).Holds();

    [Fact]
    public void Store_ManyKeysAndCompactions_AnswersAsTheDefinitionDoes()
    {
        // Enough keys for three levels, and enough deletes and compactions for leaves to merge and vanish.
        var random = new SeededRandom(7);
        var run = new Run([.. Enumerable.Range(0, 600).Select(i => $"/registry/{i % 7}/{i}")]);
        run.Fill();
        run.All([.. Enumerable.Range(0, 500).Select(_ => random.NextInt32(int.MaxValue))]);
    }

    /// <summary>The store and its model, fed the same.</summary>
    private sealed class Run(string[] keys)
    {
        private readonly KvStore _store = new();
        private readonly KvStore _unpruned = new();
        private readonly NaiveStore _model = new();
        private readonly List<RevisionPin> _pins = [];
        private int _step;

        public void All(int[] codes)
        {
            foreach (var code in codes)
            {
                // Generated numbers are small; mixed, they choose among all there is.
                var mixed = StableHash.Mix((ulong)code);
                Do((uint)mixed);
                Compare((uint)(mixed >> 32));
                _step++;
            }

            foreach (var pin in _pins)
            {
                pin.Dispose();
            }

            _pins.Clear();
            while (_store.Prune(7))
            {
            }

            Compare(0);
            Assert.Equal(_model.At(_model.Revision).Count, _store.LiveKeys);
            SameHashes();
        }

        /// <summary>Puts every key, in one revision.</summary>
        public void Fill() => Write(() =>
        {
            foreach (var key in keys)
            {
                Put(key, "first", 0);
            }
        });

        private void Do(uint code)
        {
            var (kind, rest) = (code % 12, code / 12);
            var key = keys[rest % keys.Length];
            var other = keys[rest / 16 % keys.Length];
            switch (kind)
            {
                case <= 4:
                    Write(() => Put(key, $"v{_step}", rest % 3));
                    break;
                case 5:
                    Write(() => Delete(key, ""));
                    break;
                case 6:
                    Write(() => Delete(key, rest % 5 == 0 ? "\0" : other));
                    break;
                case 7:
                    Write(() =>
                    {
                        Put(key, $"t{_step}", 0);
                        Delete(other, key);
                        Put(other, $"u{_step}", 1);
                    });
                    break;
                case 8:
                    Compact(_model.Revision - (rest % 6));
                    break;
                case 9 or 10:
                    _store.Prune((int)(rest % 9));
                    break;
                default:
                    Pin(rest);
                    break;
            }
        }

        private void Write(Action write)
        {
            _store.Begin();
            _unpruned.Begin();
            write();
            _model.End();
            _unpruned.End();
            Assert.Equal(_model.Revision, _store.End());
        }

        private void Put(string key, string value, long lease)
        {
            var bytes = NaiveStore.Bytes(key);
            var before = _model.Put(key, value, lease);
            var previous = _store.Put(bytes, NaiveStore.Bytes(value), lease);
            _unpruned.Put(bytes, NaiveStore.Bytes(value), lease);
            Assert.Equal(before?.Value, previous is null ? null : NaiveStore.Text(previous.Value));
        }

        private void Delete(string key, string end)
        {
            var range = Range(key, end);
            List<KeyVersion> gone = [];
            _store.DeleteRange(range, gone);
            _unpruned.DeleteRange(range, []);
            Assert.Equal(_model.Delete(k => range.Contains(NaiveStore.Bytes(k))), gone.Count);
        }

        private void Compact(long revision)
        {
            var expected = revision <= _model.Compacted ? ReadFailure.Compacted
                : revision > _model.Revision ? ReadFailure.FutureRevision : ReadFailure.None;
            Assert.Equal(expected, _store.Compact(revision));
            _unpruned.Compact(revision);
            if (expected == ReadFailure.None)
            {
                _model.Compact(revision);
            }
        }

        private void Pin(uint rest)
        {
            if (rest % 2 == 0 && _store.TryPin(_model.Revision - (rest % 4), out var pin) == ReadFailure.None)
            {
                _pins.Add(pin!);
            }
            else if (_pins.Count > 0)
            {
                _pins[0].Dispose();
                _pins.RemoveAt(0);
            }
        }

        private void Compare(uint code)
        {
            var ends = new[] { "", "\0", keys[code / 64 % keys.Length] };
            var query = new RangeQuery(Range(keys[code % keys.Length], ends[code / 32 % 3]))
            {
                Revision = code % 4 == 0 ? 0 : _model.Revision + 1 - (code / 8 % 8),
                LimitMax = code / 128 % 4,
                CountOnly = code / 512 % 5 == 0,
                Order = (RangeOrder)(code / 1024 % 5),
                Descending = code / 8192 % 2 == 0,
                ModRevisionMin = code / 16384 % 3 == 0 ? _model.Revision - 4 : 0,
                CreateRevisionMax = code / 65536 % 3 == 0 ? _model.Revision - 2 : 0,
            };
            Same(query, _store.Range(query));
            Same(query, _store.RangeAsWriter(query));
            var all = new RangeQuery(KeyRange.All);
            Same(all, _store.Range(all));
            foreach (var pin in _pins.Take(2))
            {
                var pinned = all with { Revision = pin.Revision, IsPinned = true };
                Same(pinned, _store.Range(pinned));
            }
        }

        private void Same(RangeQuery query, RangeResult result)
        {
            var revision = query.Revision > 0 ? query.Revision : _model.Revision;
            var failure = revision > _model.Revision ? ReadFailure.FutureRevision
                : revision < _model.Compacted && query.Revision > 0 && !query.IsPinned ? ReadFailure.Compacted
                : ReadFailure.None;
            Assert.Equal(failure, result.Failure);
            Assert.Equal(_model.Revision, result.Revision);
            if (failure != ReadFailure.None)
            {
                return;
            }

            var there = _model.At(revision).Values.Where(h => query.Range.Contains(NaiveStore.Bytes(h.Key))).ToList();
            Assert.Equal(there.Count, result.Count);
            var wanted = Sorted(query, there.Where(h =>
                (query.ModRevisionMin <= 0 || h.Revision >= query.ModRevisionMin)
                && (query.CreateRevisionMax <= 0 || h.Create <= query.CreateRevisionMax))).ToList();
            var limit = query.LimitMax > 0 ? (int)query.LimitMax : int.MaxValue;
            Assert.Equal(
                query.CountOnly ? [] : wanted.Take(limit).Select(h => (h.Key, h.Value!, h.Revision, h.Sub, h.Create, h.Version, h.Lease)),
                result.Versions.Select(v => (NaiveStore.Text(v.Key), NaiveStore.Text(v.Value), v.ModRevision, v.Sub,
                    v.CreateRevision, v.Version, v.Lease)));
            Assert.Equal(!query.CountOnly && wanted.Count > limit, result.More);
        }

        private static IEnumerable<NaiveStore.Happening> Sorted(RangeQuery query, IEnumerable<NaiveStore.Happening> keys)
        {
            var ordered = query.Order switch
            {
                RangeOrder.Version => keys.OrderBy(h => h.Version),
                RangeOrder.CreateRevision => keys.OrderBy(h => h.Create),
                RangeOrder.ModRevision => keys.OrderBy(h => h.Revision),
                RangeOrder.Value => keys.OrderBy(h => h.Value, StringComparer.Ordinal),
                _ => keys.OrderBy(h => h.Key, StringComparer.Ordinal),
            };
            var all = ordered.ThenBy(h => h.Key, StringComparer.Ordinal);
            return query.Descending ? all.Reverse() : all;
        }

        /// <summary>The hash is the same whatever was freed, at every revision that can be read.</summary>
        private void SameHashes()
        {
            for (var revision = Math.Max(_model.Compacted, 1); revision <= _model.Revision; revision++)
            {
                Assert.Equal(ReadFailure.None, StateHash.Compute(_store, revision, out var one, out var compacted));
                Assert.Equal(ReadFailure.None, StateHash.Compute(_unpruned, revision, out var other, out _));
                Assert.Equal(other, one);
                Assert.Equal(_model.Compacted, compacted);
            }
        }

        private static KeyRange Range(string key, string end) => new(NaiveStore.Bytes(key), NaiveStore.Bytes(end));
    }
}
