using Lepton.Compute.Execution;
using Lepton.Compute.Planning;
using Lepton.Compute.Session;

namespace Lepton.Compute.Replay;

/// <summary>
/// Keeps what failed tasks need to run again: one bundle for each task that ended a job, in a folder beside the event
/// log. A bundle that can't be written never hides the job's own error. Thread safe.
/// </summary>
internal sealed class ReplayRecorder(
    string logPath, ReplaySetting setting, long bytesMax, Action<string> note)
{
    /// <summary>Bundles that one session keeps at most.</summary>
    public const int BundlesMax = 10;

    private readonly Lock _lock = new();
    private readonly List<Task> _writing = [];
    private int _kept;

    /// <summary>
    /// Writes a bundle on a thread of its own, then calls <paramref name="done"/>, once, with the command that replays
    /// the task; with null where nothing was kept. Until then the files that the task read must stay.
    /// </summary>
    public void Record(ReplayCapture capture, Action<string?> done)
    {
        Task? writing = null;
        lock (_lock)
        {
            if (_kept < BundlesMax)
            {
                _kept++;
                writing = new Task(() => Keep(capture, done), TaskCreationOptions.LongRunning);
                _writing.RemoveAll(task => task.IsCompleted);
                _writing.Add(writing);
            }
        }

        if (writing is null)
        {
            Refuse(capture, $"this session keeps {BundlesMax} failed tasks at most");
            done(null);
            return;
        }

        writing.Start(TaskScheduler.Default);
    }

    /// <summary>Done when no bundle is being written.</summary>
    public Task IdleAsync()
    {
        lock (_lock)
        {
            return Task.WhenAll(_writing);
        }
    }

    /// <summary>The command that replays a task.</summary>
    public static string Command(string logPath, string task) =>
        logPath.Contains(' ', StringComparison.Ordinal)
            ? $"lepton replay \"{logPath}\" {task}"
            : $"lepton replay {logPath} {task}";

    /// <summary>How the log says that a task was not kept; replay looks for it.</summary>
    public static string RefusalStart(string task) => $"Task {task} can't be replayed: ";

    private void Keep(ReplayCapture capture, Action<string?> done)
    {
        string? command = null;
        try
        {
            Write(capture);
            command = Command(logPath, capture.Task);
        }
        catch (Exception e)
        {
            // Also what user code throws while a collection of it is read once more: the job's own error is what
            // counts.
            lock (_lock)
            {
                _kept--;
            }

            Refuse(capture, e.Message);
        }
        finally
        {
            done(command);
        }
    }

    private void Refuse(ReplayCapture capture, string why) =>
        note($"{RefusalStart(capture.Task)}{why.TrimEnd('.')}.");

    private void Write(ReplayCapture capture)
    {
        string folder = ReplayFormat.FolderOf(logPath);
        PrivateFolder.CreateOwn(folder);
        try
        {
            string file = ReplayFormat.FileName(capture.Plan.Run.Id, capture.Copy.Task.Partition);
            using var writer = new ReplayBundleWriter(Path.Combine(folder, file), bytesMax);
            Write(capture, writer);
        }
        finally
        {
            if (!Directory.EnumerateFileSystemEntries(folder).Any())
            {
                Directory.Delete(folder);
            }
        }
    }

    private void Write(ReplayCapture capture, ReplayBundleWriter writer)
    {
        int partition = capture.Copy.Task.Partition;
        ReplayPart program = WriteWhole(
            writer, ActionFiles.Unpack(capture.Plan.Program).Span, "its program, with what its functions captured,");
        ReplayPart payload = WriteWhole(
            writer, ActionFiles.Unpack(capture.Plan.Payload(partition)).Span, "its slice of the sources");
        TaskReads reads = capture.Plan.Reads(partition);
        var inputs = new InputCopier(writer, bytesMax);
        inputs.Copy(reads, capture.Outputs);
        writer.Complete(new ReplayManifest
        {
            Setting = setting,
            Job = capture.Job,
            Stage = capture.Plan.Run.Id,
            StageLabel = capture.Plan.Run.Label,
            Partition = partition,
            Attempt = capture.Copy.Attempt,
            Copy = capture.Copy.Id,
            Worker = capture.Fault.Worker,
            Kind = capture.Fault.Kind.ToString(),
            Error = capture.Fault.Text,
            Thrown = capture.Thrown is JobFailedException ? [] : ReplayError.Chain(capture.Thrown),
            Modules = [.. capture.Plan.Modules.Select(
                module => new ReplayModule(module.SimpleName, module.ModuleVersionId, module.Location))],
            Program = program,
            Payload = payload,
            Inputs = [.. inputs.Inputs],
            Notes = [.. inputs.Notes(), .. CacheNotes(reads)],
        });
    }

    private static IEnumerable<string> CacheNotes(TaskReads reads)
    {
        foreach ((int cache, int partition) in reads.Caches)
        {
            yield return
                $"The task may have read partition {partition} of cache {cache} as its worker held it; replay " +
                "computes it again.";
        }
    }

    private ReplayPart WriteWhole(ReplayBundleWriter writer, ReadOnlySpan<byte> content, string what)
    {
        long offset = writer.Position;
        return writer.TryWrite(content)
            ? new ReplayPart(offset, 1, content.Length)
            : throw new IOException(
                $"{what} takes {ByteText.Of(content.Length)}, more than fits into the {ByteText.Of(bytesMax)} of a " +
                "bundle " +
                "(ReplayBytesMax)");
    }
}
