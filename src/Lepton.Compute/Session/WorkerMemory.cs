using System.Globalization;

namespace Lepton.Compute.Session;

/// <summary>How much of the machine's memory each worker process may hold.</summary>
internal static class WorkerMemory
{
    /// <summary>Below this a worker has too little left beside its runtime.</summary>
    public const long BytesMin = 64L << 20;

    private const double DefaultShare = 0.6;

    /// <summary>
    /// The budget of each of <paramref name="workers"/>: as the options say, or a share of 60 % of what the machine
    /// has.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// So many workers don't fit into the machine. The message says how many would, or how much each could have.
    /// </exception>
    public static long BudgetBytes(LeptonSessionOptions options, int workers, long availableBytes)
    {
        long each = options.MemoryPerWorkerBytes ?? (long)(availableBytes * DefaultShare / Math.Max(workers, 1));
        if (workers == 0)
        {
            // Threads of the program share its memory, which nobody bounds.
            return each;
        }

        if (each < BytesMin)
        {
            throw new ArgumentException(
                $"{workers} workers don't fit: each needs {Mib(BytesMin)}, and they share {DefaultShare:0 %} of the " +
                $"{Mib(availableBytes)} that this machine has. " +
                $"Ask for {(long)(availableBytes * DefaultShare / BytesMin)} workers at most.", nameof(workers));
        }

        if (each > availableBytes / workers)
        {
            long fitting = availableBytes / each;
            string advice = fitting > 0
                ? $"Ask for {fitting} workers at most, or for {Mib(availableBytes / workers)} each"
                : $"Ask for {Mib(availableBytes / workers)} each at most";
            throw new ArgumentException(
                $"{workers} workers of {Mib(each)} (MemoryPerWorkerBytes) don't fit: this machine has " +
                $"{Mib(availableBytes)}. {advice}.", nameof(workers));
        }

        return each;
    }

    private static string Mib(long bytes) => (bytes >> 20).ToString(CultureInfo.InvariantCulture) + " MiB";
}
