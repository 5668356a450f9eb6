using System.Globalization;
using Lepton.Torch.Distributed;

namespace Lepton.Training.Checkpoints;

/// <summary>Ranks that meet at a store. It has a connection of its own, as a wait holds one up for all its
/// users.</summary>
internal sealed class StoreMeeting(Store store, int rank, int ranks) : IShardMeeting
{
    public void Announce(long step, string text) => store.Set(Key(step, rank), text);

    public IReadOnlyList<string> Gather(long step)
    {
        string[] keys = [.. Enumerable.Range(0, ranks).Select(other => Key(step, other))];
        store.Wait(CheckpointWriter.TimeMax, keys);
        string[] texts = [.. keys.Select(store.GetText)];
        foreach (string key in keys)
        {
            store.Remove(key);
        }

        return texts;
    }

    public void Dispose() => store.Dispose();

    private static string Key(long step, int rank) =>
        string.Create(CultureInfo.InvariantCulture, $"checkpoint/{step}/{rank}");
}
