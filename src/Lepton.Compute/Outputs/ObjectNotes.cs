using Lepton.Compute.Formats;
using Lepton.Compute.Session;
using Lepton.Objects;

namespace Lepton.Compute.Outputs;

/// <summary>
/// Files that say which outputs a session has written to an object store, so that what was half-written is removed: at
/// the session's end, when the last late task is over; where its driver was killed, by its workers or the next
/// session. Where the store can't be reached then, a note moves beside the sessions, for those that come.
/// </summary>
internal static class ObjectNotes
{
    private const string Ending = ".objects";

    // Stores with a clean-up of their own have it done by then.
    private static readonly TimeSpan s_ageMax = TimeSpan.FromDays(7);
    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(10);

    /// <summary>Notes an output before anything is sent.</summary>
    /// <exception cref="IOException">The disk of the session's folder is full.</exception>
    public static void Write(string sessionFolder, OutputTrace trace) => File.WriteAllLines(
        Path.Combine(sessionFolder, trace.Unique + Ending), [trace.Folder.ToString(), trace.Unique, trace.Store]);

    /// <summary>Removes what the noted outputs of a session left; nobody writes any of them any more.</summary>
    public static void Clear(string sessionFolder)
    {
        using var limit = new CancellationTokenSource(s_timeMax);
        foreach (string note in NotesIn(sessionFolder))
        {
            if (TryRemove(note, limit.Token))
            {
                File.Delete(note);
            }
            else
            {
                File.Move(note, Path.Combine(Path.GetDirectoryName(sessionFolder)!, Path.GetFileName(note)), true);
            }
        }
    }

    /// <summary>Tries again what earlier sessions could not remove.</summary>
    public static void Sweep(string parent)
    {
        using var limit = new CancellationTokenSource(s_timeMax);
        foreach (string note in NotesIn(parent).Where(PrivateFolder.IsMine))
        {
            bool isOld = File.GetLastWriteTimeUtc(note) < (TimeProvider.System.GetUtcNow() - s_ageMax).UtcDateTime;
            if (isOld || TryRemove(note, limit.Token))
            {
                File.Delete(note);
            }
        }
    }

    private static bool TryRemove(string note, CancellationToken cancellation)
    {
        string[] lines = File.ReadAllLines(note);
        if (lines.Length < 3 || !ObjectUrl.TryParse(lines[0], out ObjectUrl folder))
        {
            // Cut short: it is older than anything that was sent.
            return true;
        }

        var trace = new OutputTrace(folder, lines[1], lines[2]);
        try
        {
            return ProcessStore.Ask(folder, async objects =>
            {
                if (objects.StoreName != trace.Store)
                {
                    return false;
                }

                await trace.RemoveAsync(objects, cancellation).ConfigureAwait(false);
                return true;
            });
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Without a key, or with the store away, there is nothing to be done now.
            return false;
        }
    }

    private static string[] NotesIn(string folder) =>
        Directory.Exists(folder) ? Directory.GetFiles(folder, "*" + Ending) : [];
}
