using System.Text.Json;
using System.Text.Json.Serialization;
using Lepton.Core.Hashing;
using Lepton.Training.Records;

namespace Lepton.Training.Checkpoints;

/// <summary>
/// What a checkpoint says of itself: where training was, and its files with their checksums. It is the last file to be
/// written. Ranks are not in it, other than in how many files the tensors are.
/// </summary>
internal sealed record CheckpointManifest
{
    public const int VersionNow = 2;

    // Without a checksum of its own.
    private const int VersionFirst = 1;

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

    /// <summary>Of the rest, as it is written.</summary>
    public uint Checksum { get; init; }

    /// <exception cref="InvalidDataException">It is not what was written.</exception>
    /// <exception cref="JsonException">It is no manifest.</exception>
    /// <exception cref="NotSupportedException">It is of another version.</exception>
    public static CheckpointManifest Parse(ReadOnlySpan<byte> json)
    {
        CheckpointManifest manifest = JsonSerializer.Deserialize(json, CheckpointJson.Default.CheckpointManifest)
            ?? throw new JsonException("it is empty");
        if (manifest.Version is not (VersionFirst or VersionNow))
        {
            throw new NotSupportedException(
                $"it has version {manifest.Version}, where this Lepton reads {VersionFirst} to {VersionNow}.");
        }

        if (manifest.Version != VersionFirst && manifest.Checksum != manifest.ChecksumOfRest())
        {
            throw new InvalidDataException("its checksum is not that of what it says");
        }

        return manifest.Shards?.All(static shard => IsName(shard?.File)) is true
            ? manifest
            : throw new JsonException("it names a shard that is no file beside it");
    }

    private static bool IsName(string? file) =>
        file is not (null or "" or "." or "..") && !file.AsSpan().ContainsAny('/', '\\');

    public byte[] ToBytes()
    {
        CheckpointManifest now = this with { Version = VersionNow };
        return Serialize(now with { Checksum = now.ChecksumOfRest() });
    }

    private uint ChecksumOfRest() => Crc32C.Compute(Serialize(this with { Checksum = 0 }));

    private static byte[] Serialize(CheckpointManifest manifest) =>
        JsonSerializer.SerializeToUtf8Bytes(manifest, CheckpointJson.Default.CheckpointManifest);
}

/// <summary>Source-generated.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CheckpointManifest))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
