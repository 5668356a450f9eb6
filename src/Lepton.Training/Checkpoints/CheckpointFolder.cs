using System.Text.Json;
using Lepton.Core.Durability;
using Lepton.Core.Hashing;
using Lepton.Torch;
using Lepton.Torch.Serialization;

namespace Lepton.Training.Checkpoints;

/// <summary>
/// Checkpoints in a folder: a folder each, which appears by a rename once all that is in it is on the disk.
/// </summary>
internal sealed class CheckpointFolder(string root) : ICheckpointStore
{
    public const string ManifestName = "checkpoint.json";
    private const int ChunkBytes = 1 << 20;

    public string Name => root;

    public string Advice => "Look at the disk's free space and permissions";

    public IReadOnlyList<long> Steps => !Directory.Exists(root)
        ? []
        : [.. Directory.EnumerateDirectories(root, CheckpointName.Prefix + "*")
            .Select(static path => CheckpointName.StepOf(Path.GetFileName(path)))
            .OfType<long>()
            .OrderDescending()];

    public string NameOf(long step) => PathOf(step);

    public string PathOf(long step) => Path.Combine(root, CheckpointName.Of(step));

    /// <summary>Where a checkpoint is written before it is finished.</summary>
    public string UnfinishedPathOf(long step) => Path.Combine(root, "." + CheckpointName.Of(step));

    public void Clean()
    {
        Directory.CreateDirectory(root);
        foreach (string path in Directory.EnumerateDirectories(root, "." + CheckpointName.Prefix + "*"))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    public ShardRecord WriteShard(long step, string name, IReadOnlyDictionary<string, Tensor> tensors)
    {
        string unfinished = UnfinishedPathOf(step);
        Directory.CreateDirectory(unfinished);
        SafetensorsDigest digest = Safetensors.Save(Path.Combine(unfinished, name), tensors);
        return new ShardRecord(name, digest.Bytes, digest.Crc32C);
    }

    public void Finish(CheckpointManifest manifest)
    {
        string unfinished = UnfinishedPathOf(manifest.Step);
        DurableFile.WriteAllBytesAtomic(
            Path.Combine(unfinished, ManifestName),
            manifest.ToBytes());
        string final = PathOf(manifest.Step);
        if (Directory.Exists(final))
        {
            // Of a run that was set back to an earlier checkpoint, because this one was damaged.
            Delete(manifest.Step);
        }

        DurableFile.RenameDirectoryAtomic(unfinished, final);
    }

    public void Trim(long finished, int kept)
    {
        foreach (long step in CheckpointName.Outdated(Steps, finished, kept))
        {
            Delete(step);
        }
    }

    public OpenedCheckpoint Open(long step) => Read(PathOf(step), NameOf(step), verifies: true);

    /// <summary>Measures a file.</summary>
    public static ShardRecord Measure(string path)
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

    /// <summary>Reads a manifest, and may compare the files beside it with what it says.</summary>
    /// <param name="folder">Where they are.</param>
    /// <param name="name">As messages name it.</param>
    /// <param name="verifies">Whether it does: not where another rank just has.</param>
    /// <exception cref="CheckpointException">They differ; the message names the file and what is wrong.</exception>
    public static OpenedCheckpoint Read(string folder, string name, bool verifies)
    {
        string file = ManifestName;
        try
        {
            CheckpointManifest manifest = CheckpointManifest.Parse(
                File.ReadAllBytes(Path.Combine(folder, ManifestName)));
            foreach (ShardRecord shard in verifies ? manifest.Shards : [])
            {
                file = shard.File;
                Compare(Path.Combine(folder, file), shard);
            }

            return new OpenedCheckpoint(name, manifest, folder);
        }
        catch (Exception e) when (
            e is JsonException or IOException or InvalidDataException or UnauthorizedAccessException
                or NotSupportedException)
        {
            throw CheckpointException.Unusable(name, Path.Combine(name, file), e);
        }
    }

    private static void Compare(string path, ShardRecord wanted)
    {
        ShardRecord found = Measure(path);
        if (found != wanted)
        {
            throw new InvalidDataException(
                $"it has {found.Bytes} bytes with the checksum {found.Crc32C:x8}, where {wanted.Bytes} with " +
                $"{wanted.Crc32C:x8} were written; it was changed or damaged");
        }
    }

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
