using System.Text.Json;
using Lepton.Objects;
using Lepton.Torch;
using Lepton.Torch.Serialization;
using Lepton.Training.Ranks;

namespace Lepton.Training.Checkpoints;

/// <summary>
/// Checkpoints in an object store, below a URL: <c>step-000000050/shard-0-of-2.safetensors</c> and the like. The
/// manifest is the last object of each that is written and the first that is deleted, so where it is, all is.
/// </summary>
/// <remarks>Shards pass through a folder of this machine on their way, one checkpoint at a time.</remarks>
internal sealed class ObjectCheckpoints(ObjectClient objects, ObjectUrl root) : ICheckpointStore, IDisposable
{
    private const string FolderKind = "lepton-checkpoint";

    public string Name => root.ToString();

    public string Advice =>
        $"Look at the store, what the key may do there, and the free space there and in {Path.GetTempPath()}";

    public IReadOnlyList<long> Steps =>
    [
        .. List(root.AsFolder())
            .Where(static info => info.Url.Name == CheckpointFolder.ManifestName)
            .Select(info => StepOf(info.Url))
            .OfType<long>()
            .OrderDescending(),
    ];

    public string NameOf(long step) => UrlOf(step).ToString();

    /// <summary>Removes what passed through this machine for ranks that were killed. One rank of each does.</summary>
    public static void RemoveLeft() => ProcessFolders.RemoveLeft(Path.GetTempPath(), FolderKind);

    public void Clean()
    {
        HashSet<long> finished = [.. Steps];
        Delete(List(root.AsFolder()).Select(static info => info.Url)
            .Where(url => StepOf(url) is { } step && !finished.Contains(step)));
        EndUploads();
    }

    public ShardRecord WriteShard(long step, string name, IReadOnlyDictionary<string, Tensor> tensors)
    {
        string folder = ProcessFolders.Create(Path.GetTempPath(), FolderKind);
        try
        {
            string path = Path.Combine(folder, name);
            SafetensorsDigest digest = Safetensors.Save(path, tensors);
            Wait(objects.UploadAsync(path, UrlOf(step).Child(name)));
            return new ShardRecord(name, digest.Bytes, digest.Crc32C);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public void Finish(CheckpointManifest manifest) => Wait(objects.PutAsync(
        UrlOf(manifest.Step).Child(CheckpointFolder.ManifestName), manifest.ToBytes()));

    public void Trim(long finished, int kept)
    {
        // Of a damaged checkpoint of the same step, which other ranks wrote.
        ObjectUrl url = UrlOf(finished);
        CheckpointManifest manifest = CheckpointManifest.Parse(
            Wait(objects.ReadAsync(url.Child(CheckpointFolder.ManifestName))));
        HashSet<string> names = [.. manifest.Shards.Select(static shard => shard.File), CheckpointFolder.ManifestName];
        Delete(List(url.AsFolder()).Select(static info => info.Url).Where(other => !names.Contains(other.Name)));
        foreach (long step in CheckpointName.Outdated(Steps, finished, kept))
        {
            Delete([UrlOf(step).Child(CheckpointFolder.ManifestName)]);
            Delete(List(UrlOf(step).AsFolder()).Select(static info => info.Url));
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectException">The store can't be reached, which says nothing of the checkpoint.</exception>
    public OpenedCheckpoint Open(long step)
    {
        string folder = ProcessFolders.Create(Path.GetTempPath(), FolderKind);
        try
        {
            Fetch(UrlOf(step), folder);
            return CheckpointFolder.Read(folder, NameOf(step), verifies: true) with { IsCopy = true };
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    public void Dispose() => objects.Dispose();

    private void Fetch(ObjectUrl url, string folder)
    {
        string file = CheckpointFolder.ManifestName;
        try
        {
            Download(file);
            byte[] manifest = File.ReadAllBytes(Path.Combine(folder, file));
            foreach (ShardRecord shard in CheckpointManifest.Parse(manifest).Shards)
            {
                file = shard.File;
                Download(file);
            }
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ObjectException { IsNotFound: true })
        {
            throw CheckpointException.Unusable(url.ToString(), url.Child(file).ToString(), e);
        }

        void Download(string name) =>
            Wait(objects.DownloadAsync(url.Child(name), Path.Combine(folder, name)));
    }

    private ObjectUrl UrlOf(long step) => root.Child(CheckpointName.Of(step));

    // Right below the root: the names of the step and of the file are all that follows.
    private long? StepOf(ObjectUrl url) => url.Key[root.AsFolder().Key.Length..].Split('/') is [string step, _]
        ? CheckpointName.StepOf(step)
        : null;

    private List<ObjectInfo> List(ObjectUrl prefix) =>
        Wait(objects.ListAsync(prefix).ToListAsync().AsTask());

    private void Delete(IEnumerable<ObjectUrl> urls)
    {
        ObjectUrl[] all = [.. urls];
        if (all.Length > 0)
        {
            Wait(objects.DeleteAsync(all));
        }
    }

    // Uploads of ranks that were killed while they wrote a shard: the store keeps, and charges for, what came of them.
    private void EndUploads()
    {
        try
        {
            foreach (UnfinishedUpload upload in Wait(objects.Uploads.ListAsync(root.AsFolder()).ToListAsync().AsTask()))
            {
                if (StepOf(upload.Url) is not null)
                {
                    Wait(objects.Uploads.AbortAsync(upload.Url, upload.Id));
                }
            }
        }
        catch (ObjectException e)
        {
            // All that training needs is there, also where the key may not list uploads.
            Console.Error.WriteLine(
                $"What killed ranks had begun to upload to {root} could not be removed: {e.Message} The store may " +
                "keep its parts: let the key list and abort multipart uploads, or have the store remove old ones.");
        }
    }

    // A training is a thread that computes, and writes on another one of its own; a store can only be asked without
    // waiting. So these threads wait, here and nowhere else: no pool's thread, and none with a context to come back to.
    private static T Wait<T>(Task<T> asked) => asked.GetAwaiter().GetResult();

    private static void Wait(Task asked) => asked.GetAwaiter().GetResult();
}
