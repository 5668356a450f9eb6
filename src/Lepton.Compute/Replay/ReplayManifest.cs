using System.Text.Json.Serialization;

namespace Lepton.Compute.Replay;

/// <summary>What a bundle is and where its parts lie. Stands at its end, as JSON.</summary>
internal sealed record ReplayManifest
{
    public required ReplaySetting Setting { get; init; }

    public required string Job { get; init; }

    public required int Stage { get; init; }

    public required string StageLabel { get; init; }

    public required int Partition { get; init; }

    public required int Attempt { get; init; }

    /// <summary>The number of the last copy; it stands in names of files.</summary>
    public required long Copy { get; init; }

    public required string Worker { get; init; }

    /// <summary>Why the job gave the task up, by the name of the fault's kind.</summary>
    public required string Kind { get; init; }

    /// <summary>The error in one line: type and message.</summary>
    public required string Error { get; init; }

    /// <summary>The exceptions of user code, outermost first; empty when the task ended otherwise.</summary>
    public required ReplayError[] Thrown { get; init; }

    public required ReplayModule[] Modules { get; init; }

    public required ReplayPart Program { get; init; }

    public required ReplayPart Payload { get; init; }

    public required ReplayInput[] Inputs { get; init; }

    /// <summary>What the bundle could not keep, in sentences.</summary>
    public required string[] Notes { get; init; }

    /// <summary>The task as messages name it: <c>3/5</c>.</summary>
    [JsonIgnore]
    public string Task => ReplayLog.Name(Stage, Partition);
}

/// <summary>Source-generated: a failing job must not wait for reflection.</summary>
[JsonSerializable(typeof(ReplayManifest))]
internal sealed partial class ReplayManifestJson : JsonSerializerContext;
