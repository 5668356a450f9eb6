using System.Text.Json;
using System.Text.Json.Serialization;
using Lepton.Training.Records;

namespace Lepton.Training.Checkpoints;

/// <summary>
/// What a checkpoint says of itself: where training was, and its files with their checksums. It is the last file to be
/// written. Ranks are not in it, other than in how many files the tensors are.
/// </summary>
internal sealed record CheckpointManifest
{
    public const int VersionNow = 1;

    public int Version { get; init; } = VersionNow;

    public required long Step { get; init; }

    public required long Epoch { get; init; }

    public required long Batch { get; init; }

    public long ScheduleStep { get; init; }

    /// <summary>Random draws of a step follow from it, the step and the rank; so it is all their state.</summary>
    public required ulong Seed { get; init; }

    public required long Samples { get; init; }

    public required int BatchSize { get; init; }

    public double? BestMetric { get; init; }

    public int EpochsSinceBest { get; init; }

    public IReadOnlyDictionary<string, double> OptimizerNumbers { get; init; } = new Dictionary<string, double>();

    /// <summary>The metrics of this step, which its records may lack.</summary>
    public IReadOnlyList<MetricLine> LastLines { get; init; } = [];

    public IReadOnlyList<ShardRecord> Shards { get; init; } = [];

    /// <exception cref="JsonException">It is no manifest.</exception>
    /// <exception cref="NotSupportedException">It is of another version.</exception>
    public static CheckpointManifest Parse(ReadOnlySpan<byte> json)
    {
        CheckpointManifest manifest = JsonSerializer.Deserialize(json, CheckpointJson.Default.CheckpointManifest)
            ?? throw new JsonException("it is empty");
        if (manifest.Version != VersionNow)
        {
            throw new NotSupportedException(
                $"it has version {manifest.Version}, where this Lepton reads {VersionNow}.");
        }

        return manifest.Shards?.All(static shard => IsName(shard?.File)) is true
            ? manifest
            : throw new JsonException("it names a shard that is no file beside it");
    }

    private static bool IsName(string? file) =>
        file is not (null or "" or "." or "..") && !file.AsSpan().ContainsAny('/', '\\');

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, CheckpointJson.Default.CheckpointManifest);
}

/// <summary>Source-generated.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CheckpointManifest))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
