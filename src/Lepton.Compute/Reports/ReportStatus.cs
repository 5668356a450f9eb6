namespace Lepton.Compute.Reports;

/// <summary>How a session ended.</summary>
public enum ReportStatus
{
    /// <summary>In good order.</summary>
    Succeeded,

    /// <summary>With an error.</summary>
    Failed,

    /// <summary>Its log has no end: it still runs, or its driver was killed.</summary>
    Unfinished,
}
