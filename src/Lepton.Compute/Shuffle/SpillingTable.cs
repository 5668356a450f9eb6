using System.Runtime.CompilerServices;
using Lepton.Compute.Execution;
using Lepton.Core.Hashing;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// Merges states by key in bounded memory. When the table is full, it is written to disk in buckets of the key's hash;
/// each bucket is merged later by itself, again with other bits of the hash where it is still too large (grace hash
/// aggregation).
/// </summary>
/// <remarks>
/// States are either merged, by <see cref="Add"/>, or lists that records are appended to, with
/// <see cref="GetOrAdd"/> and <see cref="Appended"/>: a table says which, as the two are measured differently.
/// </remarks>
internal sealed class SpillingTable<TKey, TState> : IDisposable
{
    private const int BucketCount = 32;
    private const int DepthMax = 8;
    private readonly TaskContext _context;
    private readonly Func<TState, TState, TState> _merge;
    private readonly bool _appends;
    private readonly int _depth;
    private readonly KeyedTable<TKey, TState> _table;
    private PartitionedFileWriter? _spill;

    public SpillingTable(
        TaskContext context, Func<TState, TState, TState> merge, bool appends = false, int depth = 0)
    {
        _appends = appends;
        _context = context;
        _merge = merge;
        _depth = depth;

        // Past the last level the keys' hashes no longer part them: one key alone fills the memory, and the memory
        // watch says so.
        _table = new KeyedTable<TKey, TState>(depth < DepthMax ? context.OperatorMemoryBytes : long.MaxValue);
    }

    /// <summary>Merges a state into its key's; states of one key are merged in the order in which they come.</summary>
    public void Add(TKey key, TState addend)
    {
        ref TState state = ref _table.GetOrAdd(key, out bool added);
        if (!_table.IsSampled(added))
        {
            state = added ? addend : _merge(state, addend);
        }
        else if (AddSampled(key, ref state, added, addend))
        {
            SpillIfMany();
        }
    }

    /// <summary>As <see cref="Add"/>, for several in their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddMany(ReadOnlySpan<KeyValuePair<TKey, TState>> entries)
    {
        if (!KeyedTable<TKey, TState>.TakesMany)
        {
            foreach (KeyValuePair<TKey, TState> entry in entries)
            {
                Add(entry.Key, entry.Value);
            }

            return;
        }

        while (!entries.IsEmpty)
        {
            int count = Math.Min(Batch<TKey>.Capacity, entries.Length);
            AddBatch(entries[..count]);
            entries = entries[count..];
        }
    }

    /// <summary>The state of a key, to be changed in place and followed by <see cref="Appended"/>.</summary>
    public ref TState GetOrAdd(TKey key, out bool added) => ref _table.GetOrAdd(key, out added);

    /// <summary>Call when a record was appended to its key's state: spills where the table is full.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Appended<TRecord>(TKey key, bool added, RecordCodec<TRecord> codec, TRecord record)
    {
        if (_table.IsFullAppended(key, added, codec, record))
        {
            SpillIfMany();
        }
    }

    /// <summary>Each key once, with all its states merged. Call it once, at the end.</summary>
    public IEnumerable<KeyValuePair<TKey, TState>> Drain()
    {
        if (_spill is null)
        {
            foreach (KeyValuePair<TKey, TState> entry in _table.Entries())
            {
                yield return entry;
            }

            yield break;
        }

        Spill();
        _spill.Complete();
        _context.Metrics.SpilledBytes += _spill.BytesWritten;
        for (int bucket = 0; bucket < BucketCount; bucket++)
        {
            using var merged = new SpillingTable<TKey, TState>(_context, _merge, _appends, _depth + 1);
            merged.AddBucket(_spill.Path, bucket);
            foreach (KeyValuePair<TKey, TState> entry in merged.Drain())
            {
                yield return entry;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _table.Dispose();
        if (_spill is not null)
        {
            _spill.Dispose();
            File.Delete(_spill.Path);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddBatch(ReadOnlySpan<KeyValuePair<TKey, TState>> entries)
    {
        var keyBatch = default(Batch<TKey>);
        Span<TKey> keys = ((Span<TKey>)keyBatch)[..entries.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = entries[i].Key;
        }

        var placeBatch = default(Batch<int>);
        Span<int> places = ((Span<int>)placeBatch)[..entries.Length];
        _table.GetOrAddMany(new RecordSpan<TKey>(keys), places);
        bool isFull = false;
        for (int i = 0; i < places.Length; i++)
        {
            ref TState state = ref _table.StateAt(places[i]);
            bool added = places[i] < 0;
            if (_table.IsSampled(added))
            {
                isFull |= AddSampled(keys[i], ref state, added, entries[i].Value);
            }
            else
            {
                state = added ? entries[i].Value : _merge(state, entries[i].Value);
            }
        }

        // Not before: the places of the batch's other entries would be gone.
        if (isFull)
        {
            SpillIfMany();
        }
    }

    /// <summary>True when the table should be emptied.</summary>
    private bool AddSampled(TKey key, ref TState state, bool added, TState addend)
    {
        long before = _table.Before(key, state, added);
        state = added ? addend : _merge(state, addend);
        return _table.IsFullAfter(key, state, added, before);
    }

    /// <summary>A key that fills the memory alone would only come back.</summary>
    private void SpillIfMany()
    {
        if (_table.Count > 1)
        {
            Spill();
        }
    }

    private void Spill()
    {
        _spill ??= new PartitionedFileWriter(_context.NewFile("spill"), BucketCount, _context.OperatorMemoryBytes);
        StableHasher<TKey> hasher = StableHasher<TKey>.Default;
        RecordCodec<KeyValuePair<TKey, TState>> codec = RecordCodec.For<KeyValuePair<TKey, TState>>();
        foreach (KeyValuePair<TKey, TState> entry in _table.Entries())
        {
            ulong hash = StableHash.Combine(hasher.Hash(entry.Key), (ulong)_depth + 1);
            int bucket = StableHash.Bucket(hash, BucketCount);
            _spill.Write(bucket, codec, entry);
        }

        _table.Clear();
    }

    private void AddBucket(string path, int bucket)
    {
        using var reader = new PartitionedFileReader(path, bucket);
        RecordCodec<KeyValuePair<TKey, TState>> codec = RecordCodec.For<KeyValuePair<TKey, TState>>();
        foreach (ReadOnlyMemory<byte> block in reader.Blocks())
        {
            _context.Cancellation.ThrowIfCancellationRequested();
            AddBlock(codec, block.Span);
        }
    }

    private void AddBlock(RecordCodec<KeyValuePair<TKey, TState>> codec, ReadOnlySpan<byte> block)
    {
        var records = new RecordReader(block);
        while (!records.End)
        {
            int start = records.Position;
            KeyValuePair<TKey, TState> entry = codec.Read(ref records);
            if (_appends)
            {
                AddList(entry, records.Position - start);
            }
            else
            {
                Add(entry.Key, entry.Value);
            }
        }
    }

    private void AddList(KeyValuePair<TKey, TState> entry, int encodedBytes)
    {
        ref TState state = ref _table.GetOrAdd(entry.Key, out bool added);
        state = added ? entry.Value : _merge(state, entry.Value);
        if (_table.IsFullAppended(added, encodedBytes))
        {
            SpillIfMany();
        }
    }
}
