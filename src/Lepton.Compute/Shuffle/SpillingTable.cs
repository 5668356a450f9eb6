using Lepton.Compute.Execution;
using Lepton.Core.Hashing;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// Merges states by key in bounded memory. When the table is full, it is written to disk in buckets of the key's
/// hash; each
/// bucket is merged later by itself, again with other bits of the hash where it is still too large (grace hash
/// aggregation).
/// </summary>
internal sealed class SpillingTable<TKey, TState> : IDisposable
{
    private const int BucketCount = 32;
    private const int DepthMax = 8;
    private readonly TaskContext _context;
    private readonly Func<TState, TState, TState> _merge;
    private readonly int _depth;
    private readonly KeyedTable<TKey, TState> _table;
    private PartitionedFileWriter? _spill;

    public SpillingTable(TaskContext context, Func<TState, TState, TState> merge, int depth = 0)
    {
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
        state = added ? addend : _merge(state, addend);
        SpillIfFull(key, ref state);
    }

    /// <summary>The state of a key, to be changed in place and followed by <see cref="SpillIfFull"/>.</summary>
    public ref TState GetOrAdd(TKey key, out bool added) => ref _table.GetOrAdd(key, out added);

    /// <summary>Writes the table to disk when it is over its memory. A key that fills it alone would only come
    /// back.</summary>
    public void SpillIfFull(TKey key, ref TState state)
    {
        if (_table.IsFull(key, ref state) && _table.Count > 1)
        {
            Spill();
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
            using var merged = new SpillingTable<TKey, TState>(_context, _merge, _depth + 1);
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

    private void Spill()
    {
        _spill ??= new PartitionedFileWriter(_context.NewFile("spill"), BucketCount, _context.OperatorMemoryBytes);
        StableHasher<TKey> hasher = StableHasher<TKey>.Default;
        RecordCodec<KeyValuePair<TKey, TState>> codec = RecordCodec.For<KeyValuePair<TKey, TState>>();
        foreach (KeyValuePair<TKey, TState> entry in _table.Entries())
        {
            ulong hash = StableHash.Combine(hasher.Hash(entry.Key), (ulong)_depth + 1);
            int bucket = HashBuckets.Of(hash, BucketCount);
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
            KeyValuePair<TKey, TState> entry = codec.Read(ref records);
            Add(entry.Key, entry.Value);
        }
    }
}
