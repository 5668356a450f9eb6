namespace Lepton.Training.Checkpoints;

/// <summary>A checkpoint whose files are on this machine, and whole.</summary>
/// <param name="Name">As messages name it.</param>
/// <param name="Manifest">What it says of itself.</param>
/// <param name="Folder">Where its files are.</param>
/// <param name="IsCopy">Whether the folder is a copy that was made to be read, and goes with this.</param>
internal sealed record OpenedCheckpoint(
    string Name, CheckpointManifest Manifest, string Folder, bool IsCopy = false) : IDisposable
{
    public string PathOf(ShardRecord shard) => Path.Combine(Folder, shard.File);

    public void Dispose()
    {
        if (IsCopy)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
