using Lepton.Core.Hashing;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>Writes keys with their states to the partitions that the keys' hashes give.</summary>
internal sealed class KeyedOutput<TKey, TState>(PartitionedFileWriter output, int partitionCount)
{
    private readonly StableHasher<TKey> _hasher = StableHasher<TKey>.Default;
    private readonly RecordCodec<KeyValuePair<TKey, TState>> _codec = RecordCodec.For<KeyValuePair<TKey, TState>>();

    public void Write(KeyValuePair<TKey, TState> entry) =>
        output.Write(StableHash.Bucket(_hasher.Hash(entry.Key), partitionCount), _codec, entry);
}
