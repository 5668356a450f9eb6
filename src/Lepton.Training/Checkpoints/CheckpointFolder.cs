using System.Globalization;
using System.Text.Json;
using Lepton.Core.Durability;
using Lepton.Core.Hashing;

namespace Lepton.Training.Checkpoints;

/// <summary>
/// The checkpoints of a run: a folder each, which appears by a rename once all that is in it is on the disk. So
/// whatever is killed at whatever moment leaves the ones before.
/// </summary>
internal sealed class CheckpointFolder(string root)
{
    public const string ManifestName = "checkpoint.json";
    private const string Prefix = "step-";
    private const int ChunkBytes = 1 << 20;

    public string Root => root;

    /// <summary>The steps of the finished checkpoints, the newest first.</summary>
    public IReadOnlyList<long> Steps => !Directory.Exists(root)
        ? []
        : [.. Directory.EnumerateDirectories(root, Prefix + "*")
            .Select(static path => Path.GetFileName(path)[Prefix.Length..])
            .Where(static text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(static text => long.Parse(text, CultureInfo.InvariantCulture))
            .OrderDescending()];

    public string PathOf(long step) => Path.Combine(root, Name(step));

    /// <summary>Where a checkpoint is written before it is finished.</summary>
    public string UnfinishedPathOf(long step) => Path.Combine(root, "." + Name(step));

    /// <summary>Deletes what a killed run did not finish. Rank 0 alone, before the others write.</summary>
    public void Clean()
    {
        Directory.CreateDirectory(root);
        foreach (string path in Directory.EnumerateDirectories(root, "." + Prefix + "*"))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>Finishes a checkpoint whose shards are all on the disk, and deletes old ones.</summary>
    public void Finish(CheckpointManifest manifest, int kept)
    {
        string unfinished = UnfinishedPathOf(manifest.Step);
        DurableFile.WriteAllBytesAtomic(
            Path.Combine(unfinished, ManifestName),
            JsonSerializer.SerializeToUtf8Bytes(manifest, CheckpointJson.Default.CheckpointManifest));
        string final = PathOf(manifest.Step);
        if (Directory.Exists(final))
        {
            // Of a run that was set back to an earlier checkpoint, because this one was damaged.
            Delete(manifest.Step);
        }

        DurableFile.RenameDirectoryAtomic(unfinished, final);
        foreach (long step in Steps.Skip(kept))
        {
            Delete(step);
        }
    }

    /// <summary>Reads a checkpoint's manifest and compares all checksums.</summary>
    /// <exception cref="CheckpointException">It is damaged; the message names the file and what is wrong.</exception>
    public CheckpointManifest Verify(long step)
    {
        string folder = PathOf(step);
        string path = Path.Combine(folder, ManifestName);
        CheckpointManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(
                File.ReadAllBytes(path), CheckpointJson.Default.CheckpointManifest)
                ?? throw new JsonException("it is empty");
            if (manifest.Version != CheckpointManifest.VersionNow)
            {
                throw new JsonException($"it has version {manifest.Version}, not {CheckpointManifest.VersionNow}");
            }

            foreach (ShardRecord shard in manifest.Shards)
            {
                path = Path.Combine(folder, shard.File);
                Compare(path, shard);
            }
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"The checkpoint {folder} can't be used: {path}: {e.Message}", e);
        }

        return manifest;
    }

    private static void Compare(string path, ShardRecord wanted)
    {
        ShardRecord found = Measure(path);
        if (found != wanted)
        {
            throw new IOException(
                $"it has {found.Bytes} bytes with the checksum {found.Crc32C:x8}, where {wanted.Bytes} with " +
                $"{wanted.Crc32C:x8} were written; it was changed or damaged");
        }
    }

    private static ShardRecord Measure(string path)
    {
        byte[] chunk = new byte[ChunkBytes];
        uint sum = 0;
        long bytes = 0;
        using FileStream file = File.OpenRead(path);
        for (int read; (read = file.Read(chunk)) > 0; bytes += read)
        {
            sum = Crc32C.Compute(chunk.AsSpan(0, read), sum);
        }

        return new ShardRecord(Path.GetFileName(path), bytes, sum);
    }

    private static string Name(long step) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D9}");

    private void Delete(long step)
    {
        // Out of sight first: a deletion that is cut off must not leave half a checkpoint in sight.
        string hidden = UnfinishedPathOf(step) + ".old";
        if (Directory.Exists(hidden))
        {
            Directory.Delete(hidden, recursive: true);
        }

        Directory.Move(PathOf(step), hidden);
        Directory.Delete(hidden, recursive: true);
    }
}
