using Lepton.Compute.Execution;
using Lepton.Compute.Planning;
using Lepton.Compute.Protocol;
using Lepton.Compute.Shuffle;
using Lepton.Core.Records;

namespace Lepton.Compute.Replay;

/// <summary>
/// Copies what a task read of the shuffles before it into its bundle, until that is full. What can't be read is noted,
/// not thrown: the rest is worth keeping.
/// </summary>
internal sealed class InputCopier(ReplayBundleWriter writer, long bytesMax)
{
    private const int ReasonsMax = 3;
    private bool _isFull;

    /// <summary>What was copied, and why some of it was not.</summary>
    public List<ReplayInput> Inputs { get; } = [];

    /// <summary>Copies all that <paramref name="reads"/> names.</summary>
    /// <exception cref="IOException">The bundle can't be written.</exception>
    public void Copy(TaskReads reads, IReadOnlyDictionary<int, OutputLocation?[]> outputs)
    {
        foreach ((int shuffle, int partition) in reads.Shuffles)
        {
            OutputLocation?[] locations = outputs[shuffle];
            for (int map = 0; map < locations.Length; map++)
            {
                (ReplayPart part, string? missing) = Copy(locations[map], partition);
                Inputs.Add(new ReplayInput(shuffle, partition, map, part, missing));
            }
        }
    }

    /// <summary>Says in sentences what is not there.</summary>
    public IEnumerable<string> Notes()
    {
        foreach (IGrouping<int, ReplayInput> shuffle in Inputs.GroupBy(input => input.Shuffle))
        {
            List<ReplayInput> missing = [.. shuffle.Where(input => input.Missing is not null)];
            if (missing.Count > 0)
            {
                IEnumerable<string> reasons = missing.Select(input => input.Missing!).Distinct().Take(ReasonsMax);
                yield return
                    $"{missing.Count:N0} of the {shuffle.Count():N0} map outputs of shuffle {shuffle.Key} are not " +
                    "there whole: " +
                    $"{string.Join("; ", reasons)}.";
            }
        }
    }

    private (ReplayPart Part, string? Missing) Copy(OutputLocation? location, int partition)
    {
        long offset = writer.Position;
        int count = 0;
        long bytes = 0;
        string? missing = location is null || location.Path.Length == 0
            ? "they were not made (a cached block stood in for them), or were lost with their worker"
            : null;
        if (missing is null)
        {
            using IEnumerator<ReadOnlyMemory<byte>> blocks = Blocks(location!.Path, partition).GetEnumerator();
            while (TryNext(blocks, ref missing))
            {
                if (_isFull || !writer.TryWrite(blocks.Current.Span))
                {
                    _isFull = true;
                    missing = $"the bundle was full at its limit of {ByteText.Of(bytesMax)}";
                    break;
                }

                count++;
                bytes += blocks.Current.Length;
            }
        }

        return (new ReplayPart(offset, count, bytes), missing);
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Blocks(string path, int partition)
    {
        using var reader = new PartitionedFileReader(path, partition);
        foreach (ReadOnlyMemory<byte> block in reader.Blocks())
        {
            yield return block;
        }
    }

    private static bool TryNext(IEnumerator<ReadOnlyMemory<byte>> blocks, ref string? missing)
    {
        try
        {
            return blocks.MoveNext();
        }
        catch (Exception e) when (e is IOException or CorruptRecordException or UnauthorizedAccessException)
        {
            missing = e.Message.TrimEnd('.');
            return false;
        }
    }
}
