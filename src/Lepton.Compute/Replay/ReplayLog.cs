using System.Globalization;
using Lepton.Compute.Events;
using Lepton.Compute.Session;

namespace Lepton.Compute.Replay;

/// <summary>The failed tasks of an event log: those that its session kept, and what the log says of others.</summary>
public sealed class ReplayLog
{
    private const string NotFinal =
        "an attempt at it failed, but no job ended at it: only the task at which a job fails is kept";

    private readonly string _path;
    private readonly SortedDictionary<int, StageStarted> _stages = [];
    private readonly SortedDictionary<(int Stage, int Partition), FailedTask> _failed = [];
    private readonly List<string> _refusals = [];
    private string _session = "";

    private ReplayLog(string path) => _path = path;

    /// <summary>The failed tasks, by stage and partition.</summary>
    public IReadOnlyList<FailedTask> Failed => [.. _failed.Values];

    /// <summary>
    /// Reads a log and the bundles beside it. Memory grows with the stages and failures, not with the log.
    /// </summary>
    /// <exception cref="EventLogException">The log is missing or can't be read.</exception>
    public static ReplayLog Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var log = new ReplayLog(Path.GetFullPath(path));
        log.ReadEvents();
        if (log._session.Length == 0)
        {
            throw new EventLogException(
                $"'{path}' is not an event log of Lepton: no line of it starts a session. Give the file that " +
                "LeptonSession.EventLogPath names.");
        }

        log.ReadBundles();
        return log;
    }

    /// <summary>Finds a task that can be replayed.</summary>
    /// <param name="task">The task as messages name it: <c>STAGE/PARTITION</c>.</param>
    /// <exception cref="ReplayException">
    /// There is no such task, it did not fail, or it was not kept; the message says which.
    /// </exception>
    public FailedTask Find(string task)
    {
        (int stage, int partition) = Parse(task);
        if (_failed.TryGetValue((stage, partition), out FailedTask? failed))
        {
            return failed.NotKept is null
                ? failed
                : throw new ReplayException($"Task {failed.Task} can't be replayed: {failed.NotKept}. {Choices()}");
        }

        if (!_stages.TryGetValue(stage, out StageStarted? started))
        {
            string last = _stages.Count == 0 ? "none" : $"0 to {_stages.Keys.Max()}";
            throw new ReplayException($"'{_path}' has no stage {stage}; its stages are {last}. {Choices()}");
        }

        throw new ReplayException(
            partition >= started.TaskCount
                ? $"Stage {stage} ({started.Name}) has the partitions 0 to {started.TaskCount - 1}, not {partition}. " +
                    $"{Choices()}"
                : $"Task {Name(stage, partition)} ({started.Name}) did not fail: {Fate(stage, partition)}. Only a " +
                    "task at " +
                $"which a job failed is kept for replay. {Choices()}");
    }

    internal static string Name(int stage, int partition) =>
        string.Create(CultureInfo.InvariantCulture, $"{stage}/{partition}");

    private static (int Stage, int Partition) Parse(string task)
    {
        string[] parts = task.Split('/');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int stage)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int partition)
            ? (stage, partition)
            : throw new ReplayException(
                $"'{task}' is not a task: expected STAGE/PARTITION, two numbers from 0, as in 3/5. " +
                "'lepton replay LOG' lists the failed tasks.");
    }

    private string Choices()
    {
        List<string> kept = [.. _failed.Values.Where(failed => failed.NotKept is null).Select(failed => failed.Task)];
        return kept.Count == 0
            ? "The log has no failed task that can be replayed."
            : $"Tasks that can be replayed: {string.Join(", ", kept)}.";
    }

    private void ReadEvents()
    {
        foreach (JobEvent e in new EventLogReader(_path, lenient: true))
        {
            switch (e)
            {
                case SessionStarted session:
                    _session = session.Session;
                    break;
                case StageStarted stage:
                    _stages[stage.Stage] = stage;
                    break;
                case TaskFinished { Outcome: TaskOutcome.Failed } failed:
                    _failed[(failed.Stage, failed.Partition)] = FromLog(failed);
                    break;
                case TaskFinished { Outcome: TaskOutcome.Succeeded } done:
                    _failed.Remove((done.Stage, done.Partition));
                    break;
                case Message message when message.Text.StartsWith("Task ", StringComparison.Ordinal):
                    _refusals.Add(message.Text);
                    break;
                default:
                    break;
            }
        }

        foreach (FailedTask failed in Failed)
        {
            string start = ReplayRecorder.RefusalStart(failed.Task);
            if (_refusals.Find(text => text.StartsWith(start, StringComparison.Ordinal)) is { } refusal)
            {
                _failed[(failed.Stage, failed.Partition)] =
                    failed with { NotKept = refusal[start.Length..].TrimEnd('.') };
            }
        }
    }

    private FailedTask FromLog(TaskFinished failed) =>
        new(
            failed.Stage, LabelOf(failed.Stage), failed.Partition, failed.Attempt - 1, "",
            $"{failed.ErrorType}: {failed.ErrorMessage}", null, NotFinal);

    private void ReadBundles()
    {
        string folder = ReplayFormat.FolderOf(_path);
        if (!Directory.Exists(folder))
        {
            return;
        }

        RequireOwn(folder);
        string[] paths = Directory.GetFiles(folder, "*" + ReplayFormat.FileSuffix);
        foreach (string path in paths.Order(StringComparer.Ordinal))
        {
            if (ParseFileName(path) is { } id)
            {
                _failed[id] = FromBundle(path, id.Stage, id.Partition);
            }
        }
    }

    // A bundle names the assemblies that replay loads: one that somebody else wrote would run his code.
    private static void RequireOwn(string folder)
    {
        try
        {
            PrivateFolder.Require(folder);
        }
        catch (IOException e)
        {
            throw new ReplayException(
                $"What was kept for replay is not trusted: {e.Message}. Replay runs code that it names.", e);
        }
    }

    private static (int Stage, int Partition)? ParseFileName(string path)
    {
        string[] parts = Path.GetFileNameWithoutExtension(path).Split('-');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int stage)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int partition)
            ? (stage, partition)
            : null;
    }

    private FailedTask FromBundle(string path, int stage, int partition)
    {
        try
        {
            using ReplayBundle bundle = ReplayBundle.Open(path);
            ReplayManifest manifest = bundle.Manifest;
            string? notKept = manifest.Setting.Session == _session
                ? null
                : $"'{path}' is of another session ({manifest.Setting.Session}) than the log ({_session}); remove it";
            return new FailedTask(
                manifest.Stage, manifest.StageLabel, manifest.Partition, manifest.Attempt, manifest.Job, manifest.Error,
                path, notKept);
        }
        catch (ReplayException e)
        {
            string error = _failed.TryGetValue((stage, partition), out FailedTask? known) ? known.Error : "unknown";
            return new FailedTask(stage, LabelOf(stage), partition, 0, "", error, path, e.Message.TrimEnd('.'));
        }
    }

    private string LabelOf(int stage) => _stages.TryGetValue(stage, out StageStarted? started) ? started.Name : "";

    // The log is read again: what became of each task is not kept for one question.
    private string Fate(int stage, int partition)
    {
        string fate = "it was not run";
        foreach (JobEvent e in new EventLogReader(_path, lenient: true))
        {
            if (e is TaskFinished done && done.Stage == stage && done.Partition == partition)
            {
                // The log counts attempts from 1, error messages from 0.
                int attempt = done.Attempt - 1;
                fate = done.Outcome switch
                {
                    TaskOutcome.Succeeded => $"attempt {attempt} succeeded on worker {done.Worker}",
                    TaskOutcome.Cancelled => $"attempt {attempt} was cancelled",
                    TaskOutcome.Lost => $"attempt {attempt} was lost with worker {done.Worker}",
                    _ => $"attempt {attempt} ended with '{done.ErrorType}: {done.ErrorMessage}'",
                };
            }
        }

        return fate;
    }
}
