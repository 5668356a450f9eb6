using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>
/// What an event log says about a session, summed up in one pass. It is immutable, and its size depends on the number
/// of workers and stages, not on the number of tasks: long lists keep their first entries and the count of all.
/// </summary>
public sealed record JobReport
{
    internal JobReport()
    {
    }

    /// <summary>The program, as its session named it.</summary>
    public required string Program { get; init; }

    /// <summary>The start of the session; null when the log has lost its first line.</summary>
    public required SessionStarted? Session { get; init; }

    /// <summary>When the first event happened.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>From the first event to the last.</summary>
    public required double Seconds { get; init; }

    /// <summary>How the session ended.</summary>
    public required ReportStatus Status { get; init; }

    /// <summary>The error that ended the session or its last failed job, or null.</summary>
    public required string? Error { get; init; }

    /// <summary>Attempts that succeeded.</summary>
    public required long Tasks { get; init; }

    /// <summary>All attempts.</summary>
    public required long Attempts { get; init; }

    /// <summary>Tasks that were tried again.</summary>
    public required long Retries { get; init; }

    /// <summary>Workers that the program killed on purpose.</summary>
    public required long WorkersKilled { get; init; }

    /// <summary>Workers that were lost, the killed ones included.</summary>
    public required long WorkersLost { get; init; }

    /// <summary>What the program published.</summary>
    public required IReadOnlyList<Exhibit> Exhibits { get; init; }

    /// <summary>Events that this version does not know.</summary>
    public required long UnknownEvents { get; init; }

    /// <summary>Events that never reached the log.</summary>
    public required long LostEvents { get; init; }

    /// <summary>Whether the log ends in the middle of a line, as when the driver was killed.</summary>
    public bool IsTorn { get; init; }

    /// <summary>Damaged lines that were passed over.</summary>
    public long DamagedLines { get; init; }

    /// <summary>What the page shows beyond these figures.</summary>
    internal ReportDetails Details { get; init; } = null!;

    /// <summary>
    /// Sums up events in the order in which they were logged. Time grows with the events, memory does not.
    /// </summary>
    /// <exception cref="EventLogException">There are no events, or reading them failed.</exception>
    public static JobReport FromEvents(IEnumerable<JobEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return Collect(events) ?? throw new EventLogException("There are no events to report on.");
    }

    /// <summary>Sums up a log file and notes whether it is torn or damaged.</summary>
    /// <param name="path">The log.</param>
    /// <param name="lenient">Pass over damaged lines and count them.</param>
    /// <exception cref="EventLogException">The log is missing, empty, or, unless lenient, damaged.</exception>
    public static JobReport FromLog(string path, bool lenient = false)
    {
        var reader = new EventLogReader(path, lenient);
        JobReport report = Collect(reader) ?? throw new EventLogException(
            $"The event log '{path}' holds no events. Its session was killed as it began, or this is another file.");
        bool wasCut = reader.IsTorn && report.Status == ReportStatus.Succeeded;
        return report with
        {
            IsTorn = reader.IsTorn,
            DamagedLines = reader.DamagedLines,
            Status = wasCut ? ReportStatus.Unfinished : report.Status,
        };
    }

    private static JobReport? Collect(IEnumerable<JobEvent> events)
    {
        var builder = new JobReportBuilder();
        foreach (JobEvent jobEvent in events)
        {
            builder.Add(jobEvent);
        }

        return builder.IsEmpty ? null : builder.Build();
    }
}
