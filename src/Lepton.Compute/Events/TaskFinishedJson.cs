using System.Text.Json;

namespace Lepton.Compute.Events;

/// <summary>Writes <see cref="TaskFinished"/> by hand: jobs of many small tasks write little else.</summary>
internal static class TaskFinishedJson
{
    private static readonly JsonEncodedText s_event = JsonEncodedText.Encode("event");
    private static readonly JsonEncodedText s_name = JsonEncodedText.Encode(nameof(TaskFinished));
    private static readonly JsonEncodedText s_time = JsonEncodedText.Encode("time");
    private static readonly JsonEncodedText s_stage = JsonEncodedText.Encode("stage");
    private static readonly JsonEncodedText s_partition = JsonEncodedText.Encode("partition");
    private static readonly JsonEncodedText s_attempt = JsonEncodedText.Encode("attempt");
    private static readonly JsonEncodedText s_worker = JsonEncodedText.Encode("worker");
    private static readonly JsonEncodedText s_start = JsonEncodedText.Encode("start");
    private static readonly JsonEncodedText s_durationMs = JsonEncodedText.Encode("durationMs");
    private static readonly JsonEncodedText s_outcome = JsonEncodedText.Encode("outcome");
    private static readonly JsonEncodedText s_queuedMs = JsonEncodedText.Encode("queuedMs");
    private static readonly JsonEncodedText s_rowsOut = JsonEncodedText.Encode("rowsOut");
    private static readonly JsonEncodedText s_shuffleRead = JsonEncodedText.Encode("shuffleReadBytes");
    private static readonly JsonEncodedText s_shuffleWritten = JsonEncodedText.Encode("shuffleWrittenBytes");
    private static readonly JsonEncodedText s_spilled = JsonEncodedText.Encode("spilledBytes");
    private static readonly JsonEncodedText s_peakMemory = JsonEncodedText.Encode("peakMemoryBytes");
    private static readonly JsonEncodedText s_speculative = JsonEncodedText.Encode("speculative");
    private static readonly JsonEncodedText s_errorType = JsonEncodedText.Encode("errorType");
    private static readonly JsonEncodedText s_errorMessage = JsonEncodedText.Encode("errorMessage");
    private static readonly JsonEncodedText s_succeeded = JsonEncodedText.Encode("succeeded");
    private static readonly JsonEncodedText s_failed = JsonEncodedText.Encode("failed");
    private static readonly JsonEncodedText s_cancelled = JsonEncodedText.Encode("cancelled");
    private static readonly JsonEncodedText s_lost = JsonEncodedText.Encode("lost");

    public static void Write(Utf8JsonWriter writer, TaskFinished task)
    {
        writer.WriteStartObject();
        writer.WriteString(s_event, s_name);
        writer.WriteString(s_time, task.Time);
        writer.WriteNumber(s_stage, task.Stage);
        writer.WriteNumber(s_partition, task.Partition);
        writer.WriteNumber(s_attempt, task.Attempt);
        writer.WriteNumber(s_worker, task.Worker);
        writer.WriteString(s_start, task.Start);
        writer.WriteNumber(s_durationMs, Milliseconds(task.DurationMs));
        writer.WriteString(s_outcome, Name(task.Outcome));
        WriteFigures(writer, task);
        if (task.ErrorType is not null)
        {
            writer.WriteString(s_errorType, task.ErrorType);
        }

        if (task.ErrorMessage is not null)
        {
            writer.WriteString(s_errorMessage, task.ErrorMessage);
        }

        writer.WriteEndObject();
    }

    private static void WriteFigures(Utf8JsonWriter writer, TaskFinished task)
    {
        if (task.QueuedMs > 0)
        {
            writer.WriteNumber(s_queuedMs, Milliseconds(task.QueuedMs));
        }

        WriteUnlessZero(writer, s_rowsOut, task.RowsOut);
        WriteUnlessZero(writer, s_shuffleRead, task.ShuffleReadBytes);
        WriteUnlessZero(writer, s_shuffleWritten, task.ShuffleWrittenBytes);
        WriteUnlessZero(writer, s_spilled, task.SpilledBytes);
        WriteUnlessZero(writer, s_peakMemory, task.PeakMemoryBytes);
        if (task.Speculative)
        {
            writer.WriteBoolean(s_speculative, true);
        }
    }

    private static void WriteUnlessZero(Utf8JsonWriter writer, JsonEncodedText name, long value)
    {
        if (value != 0)
        {
            writer.WriteNumber(name, value);
        }
    }

    // JSON has no NaN, and no measurement is worth losing the line.
    private static double Milliseconds(double value) => double.IsFinite(value) ? Math.Round(value, 3) : 0;

    private static JsonEncodedText Name(TaskOutcome outcome) => outcome switch
    {
        TaskOutcome.Succeeded => s_succeeded,
        TaskOutcome.Failed => s_failed,
        TaskOutcome.Cancelled => s_cancelled,
        TaskOutcome.Lost => s_lost,
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Not an outcome of a task."),
    };
}
