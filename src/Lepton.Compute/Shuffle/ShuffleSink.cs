using Lepton.Compute.Plans;

namespace Lepton.Compute.Shuffle;

/// <summary>The records of one map task on their way to its output.</summary>
internal abstract class ShuffleSink<T> : RecordSink<T>, IDisposable
{
    /// <summary>Writes what was held back. Call it once, after the last record.</summary>
    public virtual void Complete()
    {
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
