using System.Globalization;

namespace Lepton.Training.Checkpoints;

/// <summary>
/// Opens checkpoints for all ranks: one rank of each machine does, and the others read the files that it has. What it
/// fetched goes when this is disposed of, behind the last of them.
/// </summary>
/// <param name="store">Where checkpoints are; null: there are none.</param>
/// <param name="meeting">The ranks.</param>
/// <param name="rank">This rank.</param>
/// <param name="machine">Its machine, among all.</param>
/// <param name="localRank">This rank among those of its machine.</param>
internal sealed class CheckpointReader(
    ICheckpointStore? store, ICheckpointMeeting meeting, int rank, int machine, int localRank) : IDisposable
{
    private OpenedCheckpoint? _opened;

    /// <summary>
    /// The step of the newest that is whole, which rank 0 looks for, so that all ranks take the same one; null where
    /// there is none.
    /// </summary>
    /// <param name="after">Only later ones count, and are read; -1: all.</param>
    public long? FindNewest(long after)
    {
        if (store is null)
        {
            return null;
        }

        string found = meeting.Learn("all", rank == 0, () =>
        {
            _opened = OpenNewest(store, after);
            return _opened?.Manifest.Step.ToString(CultureInfo.InvariantCulture) ?? "";
        });
        return found.Length == 0 ? null : long.Parse(found, CultureInfo.InvariantCulture);
    }

    /// <summary>A checkpoint that rank 0 found. It is this reader's.</summary>
    /// <exception cref="CheckpointException">It is damaged here.</exception>
    public OpenedCheckpoint Open(long step)
    {
        string whose = string.Create(CultureInfo.InvariantCulture, $"machine/{machine}");
        string folder = meeting.Learn(whose, localRank == 0, () => (_opened ??= store!.Open(step)).Folder);

        // It is elsewhere where whoever started the ranks did not say which of them are on one machine.
        return _opened ??= Directory.Exists(folder)
            ? CheckpointFolder.Read(folder, store!.NameOf(step), verifies: false)
            : store!.Open(step);
    }

    public void Dispose() => _opened?.Dispose();

    private static OpenedCheckpoint? OpenNewest(ICheckpointStore store, long after)
    {
        foreach (long step in store.Steps.Where(step => step > after))
        {
            try
            {
                return store.Open(step);
            }
            catch (CheckpointException e) when (e.IsDamage)
            {
                Console.Error.WriteLine(
                    $"{e.Message.TrimEnd('.')}. It is passed over, for the one before it where there is one.");
            }
        }

        return null;
    }
}
