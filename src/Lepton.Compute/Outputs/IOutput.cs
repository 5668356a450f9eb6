using Lepton.Compute.Datasets;
using Lepton.Objects;

namespace Lepton.Compute.Outputs;

/// <summary>
/// An output that appears whole or not at all, on a disk or in an object store. Disposing it removes what was written
/// and does not count.
/// </summary>
internal interface IOutput : IAsyncDisposable
{
    /// <summary>Where it will be, as messages name it.</summary>
    string Path { get; }

    /// <summary>Where tasks write.</summary>
    PartPlace Place { get; }

    /// <summary>Makes it appear, with its marker.</summary>
    /// <param name="parts">Of the tasks that counted, in their order.</param>
    /// <param name="extension">Of the parts' names.</param>
    /// <param name="markerText">What the marker says.</param>
    /// <param name="cancellation">Ends it before it appears.</param>
    Task CommitAsync(
        IReadOnlyList<PartFile> parts, string extension, string markerText, CancellationToken cancellation);

    /// <summary>Begins one.</summary>
    /// <exception cref="IOException">What is there may not be replaced, or nothing can be written there.</exception>
    static async Task<IOutput> OpenAsync(
        string path, WriteOptions options, OutputsInWork inWork, CancellationToken cancellation) =>
        ObjectUrl.IsUrl(path)
            ? await ObjectOutput.OpenAsync(path, options, inWork, cancellation).ConfigureAwait(false)
            : new OutputFolder(path, options, inWork);
}
