using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>
/// Writes a timeline in Chrome's trace-event format, which chrome://tracing and Perfetto show: a thread for each worker
/// (and for each slot of it that was used), a bar for each attempt, spans for jobs and stages, a mark where a worker
/// was killed or lost. Events go straight from log to file; memory does not grow with them. Source: "Trace Event
/// Format" of the Chromium project.
/// </summary>
public static class ChromeTrace
{
    /// <summary>Writes the trace to a file, all of it or nothing. What stood there before is replaced.</summary>
    /// <param name="events">The log, as <see cref="EventLogReader"/> gives it.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="EventLogException">The log can't be read or the file can't be written.</exception>
    public static void Write(IEnumerable<JobEvent> events, string path)
    {
        ArgumentNullException.ThrowIfNull(events);
        WholeFile.Write(path, "trace", stream => Write(events, stream));
    }

    /// <summary>Writes the trace to a stream, which stays open.</summary>
    public static void Write(IEnumerable<JobEvent> events, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(stream);
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using var json = new Utf8JsonWriter(stream, options);
        json.WriteStartObject();
        json.WriteString("displayTimeUnit"u8, "ms"u8);
        json.WriteStartArray("traceEvents"u8);
        var trace = new ChromeTraceWriter(json);
        foreach (JobEvent jobEvent in events)
        {
            trace.Add(jobEvent);
            if (json.BytesPending > 64 * 1024)
            {
                json.Flush();
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
