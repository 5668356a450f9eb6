namespace Lepton.Compute.Outputs;

/// <summary>
/// Says in the session's folder which outputs are being written, so that whoever finds the session's driver dead can
/// remove what was half-written: its workers, or the next session. Thread safe.
/// </summary>
internal sealed class OutputsInWork(string sessionFolder)
{
    private const string NoteEnding = ".output";

    /// <summary>
    /// Notes the temporary folder of an output, before it is made. Delete the note when that is gone.
    /// </summary>
    /// <returns>The path of the note.</returns>
    /// <exception cref="IOException">The disk of the session's folder is full.</exception>
    public string Note(string temporaryPath)
    {
        string note = Path.Combine(sessionFolder, Path.GetExtension(temporaryPath)[1..] + NoteEnding);
        File.WriteAllText(note, temporaryPath);
        return note;
    }

    /// <summary>Notes an output in an object store; the note goes with the session.</summary>
    /// <exception cref="IOException">The disk of the session's folder is full.</exception>
    public void Note(OutputTrace trace) => ObjectNotes.Write(sessionFolder, trace);

    /// <summary>Removes the outputs that a dead session had in work. False where some of that failed.</summary>
    public static bool Abandon(string sessionFolder)
    {
        bool all = true;
        foreach (string note in NotesIn(sessionFolder))
        {
            string temporary = File.ReadAllText(note);

            // A note that was cut short is older than its folder, which then was never made.
            if (!OutputFolder.IsTemporary(temporary) || OutputFolder.Abandon(temporary))
            {
                File.Delete(note);
            }
            else
            {
                all = false;
            }
        }

        return all;
    }

    private static string[] NotesIn(string sessionFolder) =>
        Directory.Exists(sessionFolder) ? Directory.GetFiles(sessionFolder, "*" + NoteEnding) : [];
}
