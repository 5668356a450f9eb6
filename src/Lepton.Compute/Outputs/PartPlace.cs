using Lepton.Compute.Formats;
using Lepton.Objects;

namespace Lepton.Compute.Outputs;

/// <summary>Where tasks write their parts of an output; sent to them.</summary>
/// <param name="Folder">A directory, or the URL of a folder in an object store.</param>
/// <param name="Unique">What tells this output's objects from all others; empty on a disk.</param>
internal sealed record PartPlace(string Folder, string Unique)
{
    /// <summary>Writes the part of one attempt at a task: it does not count before the output is committed.</summary>
    /// <param name="partition">The task.</param>
    /// <param name="copy">The attempt, of which there may be several at once.</param>
    /// <param name="extension">Of the part's name.</param>
    /// <param name="durable">Whether a disk has to have it before this returns; a store always has.</param>
    /// <param name="write">Writes it, and gives the number of its rows.</param>
    /// <param name="cancellation">Ends it.</param>
    public PartFile Write(
        int partition, long copy, string extension, bool durable, Func<Stream, long> write,
        CancellationToken cancellation)
    {
        if (ObjectUrl.TryParse(Folder, out ObjectUrl folder))
        {
            ObjectUrl url = folder.Child(ObjectManifest.PartName(partition, Unique, extension));
            return ProcessStore.Use(url, objects =>
            {
                using UploadStream upload = objects.Uploads.Open(url, cancellation);
                long written = write(upload);
                StagedObject staged = upload.Stage();
                return new PartFile(url.Name, written) { UploadId = staged.UploadId, ETags = [.. staged.ETags] };
            });
        }

        string name = $"{partition}-{copy}{extension}";
        using var file = new FileStream(
            Path.Combine(Folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
        long rows = write(file);
        if (durable)
        {
            file.Flush(flushToDisk: true);
        }

        return new PartFile(name, rows);
    }
}
