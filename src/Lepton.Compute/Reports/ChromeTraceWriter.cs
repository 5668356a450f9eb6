using System.Text.Json;
using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>Turns events into trace events, one at a time.</summary>
internal sealed class ChromeTraceWriter(Utf8JsonWriter json)
{
    private const int ProcessId = 1;
    private const int SlotsMax = 64;
    private readonly Dictionary<int, SlotRows> _rows = [];
    private readonly HashSet<int> _namedThreads = [];
    private readonly Dictionary<int, string> _stageNames = [];
    private readonly HashSet<int> _openStages = [];
    private DateTimeOffset? _origin;

    public void Add(JobEvent jobEvent)
    {
        if (jobEvent is UnknownEvent)
        {
            return;
        }

        _origin ??= jobEvent is TaskFinished first && first.Start < first.Time ? first.Start : jobEvent.Time;
        switch (jobEvent)
        {
            case SessionStarted session:
                WriteName("process_name", null, session.Program);
                break;
            case WorkerStarted started:
                WriteWorker(started.Worker, $"started (pid {started.ProcessId})", started.Time, isGlobal: false);
                break;
            case WorkerKilled killed:
                WriteWorker(killed.Worker, $"killed: {killed.Reason}", killed.Time, isGlobal: true);
                break;
            case WorkerLost lost:
                WriteWorker(lost.Worker, $"lost: {lost.Cause}", lost.Time, isGlobal: true);
                break;
            case StageStarted started:
                _stageNames[started.Stage] = started.Name;
                if (_openStages.Add(started.Stage))
                {
                    WriteSpan("b", "stage", started.Stage, started.Name, started.Time);
                }

                break;
            case StageFinished finished:
                if (_openStages.Remove(finished.Stage))
                {
                    WriteSpan("e", "stage", finished.Stage, NameOf(finished.Stage), finished.Time);
                }

                break;
            case TaskFinished task:
                WriteTask(task);
                break;
            case JobFinished job:
                WriteMark($"job {job.Job} {(job.Succeeded ? "succeeded" : "failed")}", null, job.Time, isGlobal: true);
                break;
            default:
                // The rest has no place on a timeline, or is told by what has.
                break;
        }
    }

    private void WriteTask(TaskFinished task)
    {
        double startMs = SinceStart(task.Start);
        double durationMs = Math.Max(0, task.DurationMs);
        if (!_rows.TryGetValue(task.Worker, out SlotRows? rows))
        {
            rows = new SlotRows(SlotsMax);
            _rows.Add(task.Worker, rows);
        }

        int thread = Thread(task.Worker, rows.Place(startMs, startMs + durationMs));
        Open("X", $"{NameOf(task.Stage)} [{task.Partition}]", thread, startMs);
        json.WriteNumber("dur"u8, Microseconds(durationMs));
        json.WriteString("cat"u8, "task"u8);
        if (Colour(task) is string colour)
        {
            json.WriteString("cname"u8, colour);
        }

        json.WriteStartObject("args"u8);
        json.WriteNumber("stage"u8, task.Stage);
        json.WriteNumber("partition"u8, task.Partition);
        json.WriteNumber("attempt"u8, task.Attempt);
        json.WriteString("outcome"u8, Outcome(task.Outcome));
        json.WriteNumber("queuedMs"u8, task.QueuedMs);
        json.WriteNumber("rowsOut"u8, task.RowsOut);
        json.WriteNumber("spilledBytes"u8, task.SpilledBytes);
        json.WriteBoolean("speculative"u8, task.Speculative);
        if (task.ErrorMessage is not null)
        {
            json.WriteString("error"u8, TextLimit.Cut($"{task.ErrorType}: {task.ErrorMessage}", 1_000));
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteWorker(int worker, string what, DateTimeOffset time, bool isGlobal) =>
        WriteMark($"worker {worker} {what}", Thread(worker, 0), time, isGlobal);

    private void WriteMark(string name, int? thread, DateTimeOffset time, bool isGlobal)
    {
        Open("i", name, thread, SinceStart(time));
        json.WriteString("s"u8, isGlobal ? "g"u8 : "t"u8);
        json.WriteEndObject();
    }

    private void WriteSpan(string phase, string category, int id, string name, DateTimeOffset time)
    {
        Open(phase, name, null, SinceStart(time));
        json.WriteString("cat"u8, category);
        json.WriteNumber("id"u8, id);
        json.WriteEndObject();
    }

    private void WriteName(string what, int? thread, string name)
    {
        Open("M", what, thread, null);
        json.WriteStartObject("args"u8);
        json.WriteString("name"u8, name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void Open(string phase, string name, int? thread, double? atMs)
    {
        json.WriteStartObject();
        json.WriteString("ph"u8, phase);
        json.WriteString("name"u8, name);
        json.WriteNumber("pid"u8, ProcessId);
        json.WriteNumber("tid"u8, thread ?? 0);
        if (atMs is double ms)
        {
            json.WriteNumber("ts"u8, Microseconds(ms));
        }
    }

    // Bars of one thread must not overlap in this format, so each slot of a worker is a thread.
    private int Thread(int worker, int slot)
    {
        int thread = 1 + (worker * SlotsMax) + slot;
        if (_namedThreads.Add(thread))
        {
            WriteName("thread_name", thread, slot == 0 ? $"worker {worker}" : $"worker {worker}, slot {slot + 1}");
        }

        return thread;
    }

    private static string? Colour(TaskFinished task) => task.Outcome switch
    {
        TaskOutcome.Failed or TaskOutcome.Lost => "terrible",
        TaskOutcome.Cancelled => "grey",
        _ => null,
    };

    private static string Outcome(TaskOutcome outcome) => outcome switch
    {
        TaskOutcome.Succeeded => "succeeded",
        TaskOutcome.Failed => "failed",
        TaskOutcome.Cancelled => "cancelled",
        _ => "lost",
    };

    private string NameOf(int stage) => _stageNames.GetValueOrDefault(stage, $"stage {stage}");

    private double SinceStart(DateTimeOffset time) => Math.Max(0, (time - _origin!.Value).TotalMilliseconds);

    private static double Microseconds(double ms) => Math.Round(ms * 1000, 1);
}
