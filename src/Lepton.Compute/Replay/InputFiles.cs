using Lepton.Compute.Protocol;
using Lepton.Compute.Shuffle;

namespace Lepton.Compute.Replay;

/// <summary>
/// Lays the inputs of a bundle out as the shuffle files that they came from, with the one partition that the task
/// reads.
/// </summary>
internal static class InputFiles
{
    private const long BlockBytes = 128 << 10;

    /// <summary>Writes them to <paramref name="folder"/>; an input that was not kept becomes an empty one.</summary>
    /// <exception cref="ReplayException">The bundle is damaged, or holds nothing at all of a shuffle.</exception>
    public static IReadOnlyList<ShuffleLocations> Write(ReplayBundle bundle, string folder)
    {
        var shuffles = new List<ShuffleLocations>();
        foreach (IGrouping<int, ReplayInput> shuffle in bundle.Manifest.Inputs.GroupBy(input => input.Shuffle))
        {
            if (shuffle.All(input => input is { Missing: not null, Part.Blocks: 0 }))
            {
                throw new ReplayException(
                    $"Task {bundle.Manifest.Task} can't be replayed: nothing of its input was kept. " +
                    string.Join(" ", bundle.Manifest.Notes));
            }

            var locations = new ShuffleLocations { Shuffle = shuffle.Key };
            foreach (IGrouping<int, ReplayInput> map in shuffle.GroupBy(input => input.Map).OrderBy(map => map.Key))
            {
                string path = Path.Combine(folder, $"shuffle-{shuffle.Key}-{map.Key}");
                Write(bundle, path, [.. map]);
                locations.Outputs.Add(new OutputLocation { Worker = "the bundle", Path = path });
            }

            shuffles.Add(locations);
        }

        return shuffles;
    }

    private static void Write(ReplayBundle bundle, string path, ReplayInput[] inputs)
    {
        int partitions = inputs.Max(input => input.Partition) + 1;
        using var file = new PartitionedFileWriter(path, partitions, BlockBytes * 2 * partitions);
        foreach (ReplayInput input in inputs)
        {
            foreach (byte[] block in bundle.Blocks(input.Part))
            {
                file.WriteBlock(input.Partition, block);
            }
        }

        file.Complete();
    }
}
