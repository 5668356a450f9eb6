namespace Lepton.Compute.Plans;

/// <summary>
/// Takes the records of a partition one after another, as they are made. A chain of sinks costs a call a record and
/// step, where a chain of enumerators costs two and a copy of the record to the heap. Not thread safe.
/// </summary>
internal abstract class RecordSink<T>
{
    /// <summary>Takes one record.</summary>
    public abstract void Add(T record);

    /// <summary>Takes some records in their order; valid during the call only.</summary>
    public virtual void AddRange(ReadOnlySpan<T> records)
    {
        foreach (T record in records)
        {
            Add(record);
        }
    }
}
