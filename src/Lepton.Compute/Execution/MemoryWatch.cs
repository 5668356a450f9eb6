namespace Lepton.Compute.Execution;

/// <summary>
/// Compares what this process holds with its budget. Operators spill by their own accounts long before; this is the
/// last guard. A budget of zero (threads in the user's own process, whose memory is not ours to judge) switches the
/// guard off.
/// </summary>
internal sealed class MemoryWatch(long budgetBytes)
{
    private const double LimitShare = 0.92;

    /// <summary>The highest resident size seen, in bytes.</summary>
    public long PeakResidentBytes { get; private set; }

    /// <summary>The budget, or 0.</summary>
    public long BudgetBytes { get; } = budgetBytes;

    /// <summary>Says what was held when the budget was used up.</summary>
    public static string Held(long liveBytes, long budgetBytes) =>
        $"{ByteText.Of(liveBytes)} were held when {UsedUp(budgetBytes)}";

    /// <summary>
    /// Says what the process held when the runtime looked last, which it does before it gives up. What the task held
    /// itself may be free again by now.
    /// </summary>
    public static string HeldAtLastCollection() =>
        $"the process held {ByteText.Of(GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes)} at its last collection";

    /// <summary>Says that the budget was used up.</summary>
    public static string UsedUp(long budgetBytes) =>
        $"the memory budget of its worker ({ByteText.Of(budgetBytes)}) was used up";

    /// <summary>Looks at the process. Returns the live bytes when they are over the budget, else 0.</summary>
    public long Observe()
    {
        PeakResidentBytes = Math.Max(PeakResidentBytes, Environment.WorkingSet);
        if (BudgetBytes == 0 || GC.GetTotalMemory(forceFullCollection: false) < BudgetBytes * LimitShare)
        {
            return 0;
        }

        // Garbage counts as held until it is collected; only what survives is over the budget.
        long live = GC.GetTotalMemory(forceFullCollection: true);
        return live >= BudgetBytes * LimitShare ? live : 0;
    }
}
