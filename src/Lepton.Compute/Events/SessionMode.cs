using System.Text.Json.Serialization;

namespace Lepton.Compute.Events;

/// <summary>Where a session runs its tasks.</summary>
public enum SessionMode
{
    /// <summary>On threads of the caller's process.</summary>
    [JsonStringEnumMemberName("threads")]
    Threads,

    /// <summary>In worker processes.</summary>
    [JsonStringEnumMemberName("processes")]
    Processes,
}
