using Lepton.Compute.Execution;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// A stable sort in bounded memory: sorted runs go to disk when the records outgrow their share, and are merged as
/// they are read. As many runs are merged at a time as the memory has buffers for; where there are more, neighbours are
/// merged to longer runs first.
/// </summary>
internal sealed class ExternalSorter<T,
    TKey>(TaskContext context, Func<T, TKey> key, IComparer<TKey> comparer) : IDisposable
{
    private const int BytesPerEncodedByte = 2;
    private const int RecordOverheadBytes = 48;
    private const int SampleEvery = 64;

    // An open run holds a block of up to 128 KiB, and the records of it as objects.
    private const int OpenRunBytes = (1 + BytesPerEncodedByte) * 128 << 10;
    private const int FanInMin = 8;
    private const int FanInMax = 256;
    private readonly RecordCodec<T> _codec = RecordCodec.For<T>();
    private readonly RecordWriter _scratch = new(256);
    private readonly List<string> _runs = [];
    private readonly List<T> _records = [];
    private long _sampledBytes;
    private long _samples;

    /// <summary>Takes one record; records with equal keys come out in the order in which they came in.</summary>
    public void Add(T record)
    {
        _records.Add(record);
        if (_records.Count % SampleEvery == 1)
        {
            _scratch.Clear();
            _codec.Write(_scratch, record);
            _sampledBytes += _scratch.Length;
            _samples++;
            if (_records.Count * (RecordOverheadBytes + (BytesPerEncodedByte * (double)_sampledBytes / _samples))
                > context.OperatorMemoryBytes)
            {
                WriteRun();
            }
        }
    }

    /// <summary>All records in order. Call it once, at the end.</summary>
    public IEnumerable<T> Drain()
    {
        if (_runs.Count == 0)
        {
            int[] order = KeyOrder.Sort(_records, key, comparer);
            foreach (int i in order)
            {
                yield return _records[i];
            }

            yield break;
        }

        if (_records.Count > 0)
        {
            WriteRun();
        }

        MergeNeighbours();
        foreach (T record in Merge(_runs))
        {
            yield return record;
        }
    }

    /// <summary>Deletes the runs.</summary>
    public void Dispose()
    {
        _scratch.Dispose();
        foreach (string run in _runs)
        {
            File.Delete(run);
        }
    }

    private void WriteRun()
    {
        context.Cancellation.ThrowIfCancellationRequested();
        int[] order = KeyOrder.Sort(_records, key, comparer);
        _runs.Add(WriteRun(order.Select(i => _records[i])));
        _records.Clear();
    }

    private string WriteRun(IEnumerable<T> sorted)
    {
        using var writer = new PartitionedFileWriter(
            context.NewFile("run"), 1, context.OperatorMemoryBytes, context.Cancellation);
        foreach (T record in sorted)
        {
            writer.Write(0, _codec, record);
        }

        writer.Complete();
        context.Metrics.SpilledBytes += writer.BytesWritten;
        return writer.Path;
    }

    /// <summary>
    /// Merges runs that follow one another, so that equal keys keep their order, until one merge can take all.
    /// </summary>
    private void MergeNeighbours()
    {
        int fanIn = (int)Math.Clamp(context.OperatorMemoryBytes / OpenRunBytes, FanInMin, FanInMax);
        for (int first = 0; _runs.Count > fanIn; first = first + 1 < _runs.Count ? first + 1 : 0)
        {
            // No more than what is over: a run that is merged here is written and read once more.
            int count = Math.Min(Math.Min(fanIn, _runs.Count - fanIn + 1), _runs.Count - first);
            List<string> merged = _runs.GetRange(first, count);
            if (count > 1)
            {
                string path = WriteRun(Merge(merged));
                _runs.RemoveRange(first, count);
                _runs.Insert(first, path);
                merged.ForEach(File.Delete);
            }
        }
    }

    private IEnumerable<T> Merge(List<string> runs)
    {
        var heads = new PriorityQueue<IEnumerator<T>, (TKey Key, int Run)>(new HeadComparer(comparer));
        var open = new List<IEnumerator<T>>();
        try
        {
            for (int run = 0; run < runs.Count; run++)
            {
                IEnumerator<T> records = context.Watch(RecordFile.Read<T>(runs[run])).GetEnumerator();
                open.Add(records);
                if (records.MoveNext())
                {
                    heads.Enqueue(records, (key(records.Current), run));
                }
            }

            while (heads.TryDequeue(out IEnumerator<T>? least, out (TKey Key, int Run) head))
            {
                yield return least.Current;
                if (least.MoveNext())
                {
                    heads.Enqueue(least, (key(least.Current), head.Run));
                }
            }
        }
        finally
        {
            foreach (IEnumerator<T> records in open)
            {
                records.Dispose();
            }
        }
    }

    private sealed class HeadComparer(IComparer<TKey> keys) : IComparer<(TKey Key, int Run)>
    {
        public int Compare((TKey Key, int Run) x, (TKey Key, int Run) y)
        {
            int byKey = keys.Compare(x.Key, y.Key);
            return byKey != 0 ? byKey : x.Run.CompareTo(y.Run);
        }
    }
}
