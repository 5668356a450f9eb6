using System.Diagnostics;
using Lepton.Compute.Execution;
using Lepton.Compute.Functions;
using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;
using Lepton.Core.Records;

namespace Lepton.Compute.Replay;

/// <summary>
/// Runs a failed task again in this process: the same functions of the same build, on the same input, with the same
/// memory for its operators. There is no deadline and no memory limit. What the task writes is thrown away; what user
/// code itself does to the world, it does again.
/// </summary>
public static class ReplayRunner
{
    private const int StackBytes = 16 << 20;

    /// <summary>
    /// Runs a task to its end, on a thread of its own with as much stack as a worker gives. With a debugger attached,
    /// it stops where user code throws. Changes the process's current directory meanwhile, so run one at a time.
    /// </summary>
    /// <param name="task">A task of a <see cref="ReplayLog"/>.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellation">
    /// Ends the waiting for a debugger and, as far as user code looks at it, the task.
    /// </param>
    /// <exception cref="ReplayException">
    /// The bundle is damaged or of another build; the message says what to do.
    /// </exception>
    public static ReplayResult Run(
        FailedTask task, ReplayOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(task);
        string path = task.Bundle ?? throw new ReplayException($"Task {task.Task} can't be replayed: {task.NotKept}.");
        return Run(path, options ?? new ReplayOptions(), DebuggerPort.Real, cancellation);
    }

    internal static ReplayResult Run(
        string bundlePath, ReplayOptions options, DebuggerPort debugger, CancellationToken cancellation)
    {
        using ReplayBundle bundle = ReplayBundle.Open(bundlePath);
        ReplayManifest manifest = bundle.Manifest;
        if (!OtherLepton.IsThis(manifest))
        {
            return OtherLepton.Run(Path.GetFullPath(bundlePath), manifest, options, cancellation);
        }

        JobLoadContext build = ReplayBuild.Load(manifest, options.BuildDirectory);
        using var place = new ReplayPlace();
        StageProgram program = Decode(bundle, build);
        var message = new TaskCopyMessage
        {
            Copy = manifest.Copy,
            Stage = manifest.Stage,
            Partition = manifest.Partition,
            Attempt = manifest.Attempt,
            Payload = new Parcel { Inline = Google.Protobuf.ByteString.CopyFrom(bundle.ReadWhole(manifest.Payload)) },
        };
        var context = new TaskContext(
            ScopeOf(manifest, place), message, InputFiles.Write(bundle, place.InputFolder), cancellation);
        List<string> notes =
        [
            .. manifest.Notes,
            .. KindNotes(manifest),
            .. place.Enter(
                manifest.Setting.CurrentDirectory,
                Path.TrimEndingDirectorySeparator(ReplayBuild.DirectoryOf(manifest, options.BuildDirectory))
                + Path.DirectorySeparatorChar),
        ];
        notes.ForEach(note => options.Say?.Invoke(note));
        if (options.WaitForDebugger && !debugger.IsAttached())
        {
            options.Say?.Invoke($"Waiting for a debugger to attach to process {Environment.ProcessId}. Ctrl+C ends " +
                "it.");
            debugger.Wait(cancellation);
        }

        return Run(program, context, manifest, notes, debugger);
    }

    /// <summary>
    /// Replays for another build of Lepton in this process, which calls it by name: it must stay, with these
    /// parameters.
    /// </summary>
    internal static ReplayResult RunHere(
        string bundlePath, string? buildDirectory, bool waitForDebugger, Action<string>? say,
        CancellationToken cancellation)
    {
        var options = new ReplayOptions
        {
            BuildDirectory = buildDirectory,
            WaitForDebugger = waitForDebugger,
            Say = say,
        };
        return Run(bundlePath, options, DebuggerPort.Real, cancellation);
    }

    private static StageProgram Decode(ReplayBundle bundle, JobLoadContext build)
    {
        try
        {
            var reader = new RecordReader(bundle.ReadWhole(bundle.Manifest.Program));
            return (StageProgram)new GraphDecoder(build).Read(ref reader)!;
        }
        catch (Exception e) when (e is CorruptRecordException or ModuleMismatchException)
        {
            throw new ReplayException(
                $"The program of task {bundle.Manifest.Task} can't be decoded: {e.Message} Replay it on the version " +
                "of .NET that ran " +
                "the job.", e);
        }
    }

    private static ExecutorScope ScopeOf(ReplayManifest manifest, ReplayPlace place)
    {
        long budget = manifest.Setting.MemoryBudgetBytes;
        string folder = place.Folder;
        return new ExecutorScope(
            manifest.Worker, folder, manifest.Setting.Slots, budget, null, new BlockCache(folder, budget / 4),
            new MemoryWatch(0))
        {
            OutputFolder = place.OutputFolder,
        };
    }

    private static IEnumerable<string> KindNotes(ReplayManifest manifest)
    {
        switch (manifest.Kind)
        {
            case nameof(TaskFaultKind.Memory):
            case nameof(TaskFaultKind.SharedMemory):
                yield return
                    $"In the job the task went past its memory: {manifest.Error}. Replay sets no limit; its worker " +
                    "had " +
                    $"{ByteText.Of(manifest.Setting.MemoryBudgetBytes)} for {manifest.Setting.Slots} task(s) at a " +
                    "time.";
                break;
            case nameof(TaskFaultKind.Deadline):
                yield return $"In the job the task was ended: {manifest.Error}. Replay sets no deadline; Ctrl+C ends " +
                    "it.";
                break;
            case nameof(TaskFaultKind.WorkerDied):
                yield return
                    $"In the job the task took workers down with it, the last time so: {manifest.Error}. It may end " +
                    "this process too; " +
                    "run replay under a debugger to see where.";
                break;
            default:
                break;
        }
    }

    private static ReplayResult Run(
        StageProgram program, TaskContext context, ReplayManifest manifest, List<string> notes, DebuggerPort debugger)
    {
        using var result = new RecordWriter();
        Exception? thrown = null;
        long started = Stopwatch.GetTimestamp();
        var thread = new Thread(() => thrown = Run(program, context, result, manifest.Thrown, debugger), StackBytes)
        {
            IsBackground = true,
            Name = $"lepton replay {manifest.Task}",
        };
        thread.Start();
        thread.Join();
        TimeSpan took = Stopwatch.GetElapsedTime(started);
        TaskMetrics metrics = context.Metrics;
        bool isMap = metrics.ShuffleWrittenBytes > 0 || metrics.RowsOut > 0;
        using Process process = Process.GetCurrentProcess();
        return new ReplayResult
        {
            Thrown = thrown,
            FailedAlike = manifest.Thrown is [ReplayError outermost, ..]
                ? thrown is not null && ReplayError.Of(thrown) == outermost
                : null,
            RecordsOut = isMap ? metrics.RowsOut : null,
            BytesOut = metrics.ShuffleWrittenBytes > 0 ? metrics.ShuffleWrittenBytes : result.Length,
            ShuffleReadBytes = metrics.ShuffleReadBytes,
            SpilledBytes = metrics.SpilledBytes,
            PeakMemoryBytes = process.PeakWorkingSet64,
            Took = took,
            Notes = notes,
        };
    }

    private static Exception? Run(
        StageProgram program, TaskContext context, RecordWriter result, ReplayError[] recorded, DebuggerPort debugger)
    {
        using var watch = new ThrowWatch(recorded, debugger);
        try
        {
            program.Run(context, result);
            return null;
        }
        catch (Exception e) when (watch.Catch(e))
        {
            return FailureTranslation.Unwrap(e);
        }
    }
}
