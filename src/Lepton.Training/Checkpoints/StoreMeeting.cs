using System.Globalization;
using Lepton.Torch;
using Lepton.Torch.Distributed;

namespace Lepton.Training.Checkpoints;

/// <summary>Ranks that meet at a store. It has a connection of its own, as a wait holds one up for all its
/// users.</summary>
internal sealed class StoreMeeting(Store store, int rank, int ranks) : ICheckpointMeeting
{
    private const string Done = "done ";
    private const string Failed = "failed ";
    private int _meetings;

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

    public string Learn(string whose, bool isFinder, Func<string> find)
    {
        string key = NextKey(whose);
        if (!isFinder)
        {
            return Told(key);
        }

        string found = OrTell(key, find);
        store.Set(key, Done + found);
        return found;
    }

    public void Together(Action act)
    {
        string key = NextKey("all");
        OrTell(key, () =>
        {
            act();
            return "";
        });
        if (store.Add(key + "/count", 1) == ranks)
        {
            store.Set(key, Done);
        }

        Told(key);
    }

    public void Dispose() => store.Dispose();

    private string OrTell(string key, Func<string> act)
    {
        try
        {
            return act();
        }
        catch (Exception e)
        {
            Tell(key, string.Create(CultureInfo.InvariantCulture, $"{Failed}rank {rank}: {e.Message}"));
            throw;
        }
    }

    private void Tell(string key, string text)
    {
        try
        {
            store.Set(key, text);
        }
        catch (TorchException)
        {
            // Those who wait lose the store too; what this rank failed of must not be lost for it.
            return;
        }
    }

    private string Told(string key)
    {
        store.Wait(CheckpointWriter.TimeMax, key);
        string text = store.GetText(key);
        return text.StartsWith(Done, StringComparison.Ordinal)
            ? text[Done.Length..]
            : throw new CollectiveException(
                CollectiveFault.Disconnected,
                $"A checkpoint could not be read by {text[Failed.Length..]} This rank waited for it; mend it there.");
    }

    private string NextKey(string whose) =>
        string.Create(CultureInfo.InvariantCulture, $"checkpoint/meeting/{_meetings++}/{whose}");

    private static string Key(long step, int rank) =>
        string.Create(CultureInfo.InvariantCulture, $"checkpoint/step {step}/rank {rank}");
}
