using System.Text.Json.Serialization;

namespace Lepton.Compute.Events;

/// <summary>How one attempt at a task ended.</summary>
public enum TaskOutcome
{
    /// <summary>Its result counts.</summary>
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
