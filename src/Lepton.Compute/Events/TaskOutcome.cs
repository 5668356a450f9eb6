using System.Text.Json.Serialization;

namespace Lepton.Compute.Events;

/// <summary>How one attempt at a task ended.</summary>
public enum TaskOutcome
{
    /// <summary>It came to its end. Of a task and its twin, the first one's result counts.</summary>
    [JsonStringEnumMemberName("succeeded")]
    Succeeded,

    /// <summary>It threw, or broke its deadline or memory budget.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>It was stopped: the job was cancelled, or a twin was faster.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,

    /// <summary>Its worker died under it.</summary>
    [JsonStringEnumMemberName("lost")]
    Lost,
}
