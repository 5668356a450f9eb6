namespace Lepton.Compute.Shuffle;

/// <summary>
/// Estimates what a hash table holds from samples: the bytes that a new key brings, and the bytes by which another
/// record of a known key lets its state grow. Each times its number gives an estimate that one hot key does not bend.
/// The cost of measuring is bounded: encoding a state must be paid for by the records since, however large it becomes.
/// It looks at the data alone, so the same records always give the same estimate. Not thread safe.
/// </summary>
internal sealed class TableMeter(long memoryBytes)
{
    // An encoded byte costs about twice that as objects; an entry adds its slot in the table and object headers.
    private const int BytesPerEncodedByte = 2;
    private const int EntryOverheadBytes = 64;
    private const int RecordsBetweenMax = 512;
    private const int RecordsBetweenMin = 32;

    // A table that a few records fill would be emptied for each of them.
    private const int RecordsMin = 64;
    private const int CreditBytesPerRecord = 16;
    private double _keyBytes;
    private long _keySamples;
    private double _growthBytes;
    private long _growthSamples;
    private long _records;
    private long _debtBytes;

    /// <summary>How many records should pass until the next sample.</summary>
    public int RecordsUntilSample { get; private set; } = 1;

    /// <summary>Whether a state may be encoded now; one that was large takes many records to pay for.</summary>
    public bool CanMeasure => _debtBytes == 0;

    /// <summary>Counts records that have come.</summary>
    public void Pass(int records)
    {
        _records += records;
        _debtBytes = Math.Max(0, _debtBytes - ((long)records * CreditBytesPerRecord));
    }

    /// <summary>Takes a sample: a new key with the state that its first record gave.</summary>
    public void SampleKey(long encodedBytes)
    {
        _debtBytes += encodedBytes;
        _keyBytes += (encodedBytes - _keyBytes) / ++_keySamples;
    }

    /// <summary>Takes a sample: a known key's state before and after a record.</summary>
    public void SampleState(long encodedBytesBefore, long encodedBytesAfter)
    {
        _debtBytes += encodedBytesBefore + encodedBytesAfter;
        SampleGrowth(encodedBytesAfter - encodedBytesBefore);
    }

    /// <summary>Takes a sample: by how much a record let the state of a known key grow.</summary>
    public void SampleGrowth(long encodedBytes) => _growthBytes += (encodedBytes - _growthBytes) / ++_growthSamples;

    /// <summary>Bytes that a table of so many keys is thought to hold.</summary>
    public long Estimate(int keys)
    {
        double states = BytesPerEncodedByte * Math.Max(0, _growthBytes) * Math.Max(0, _records - keys);
        return (long)(states + (keys * (EntryOverheadBytes + (BytesPerEncodedByte * _keyBytes))));
    }

    /// <summary>Whether a table of so many keys should be emptied now.</summary>
    public bool IsFull(int keys)
    {
        double recordBytes = EntryOverheadBytes + (BytesPerEncodedByte * Math.Max(_keyBytes, _growthBytes));
        long room = memoryBytes - Estimate(keys);
        RecordsUntilSample = (int)Math.Clamp(room / recordBytes, RecordsBetweenMin, RecordsBetweenMax);
        return room < 0 && _records >= RecordsMin;
    }

    /// <summary>Begins anew, for a table that is empty.</summary>
    public void Clear()
    {
        (_keyBytes, _keySamples, _growthBytes, _growthSamples, _records) = (0, 0, 0, 0, 0);
        RecordsUntilSample = 1;
    }
}
