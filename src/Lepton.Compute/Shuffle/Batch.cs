using System.Runtime.CompilerServices;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// Room for a few records on the stack. A reference that is stored there needs none of the bookkeeping for the garbage
/// collector that one on the heap does, which for a word costs as much as finding it.
/// </summary>
[InlineArray(Capacity)]
internal struct Batch<T>
{
    /// <summary>Enough to hide the waits for memory, and few enough to stay in the first-level cache.</summary>
    public const int Capacity = 64;

    private T _first;
}
