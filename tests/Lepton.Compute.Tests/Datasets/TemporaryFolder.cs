namespace Lepton.Compute.Tests.Datasets;

/// <summary>A fresh directory that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("lepton-datasets-").FullName;

    /// <summary>The names of all that lies in it, or in a directory of it.</summary>
    public string[] Names(string directory = "") =>
        [.. Directory.EnumerateFileSystemEntries(PathOf(directory)).Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal)];

    public string PathOf(string name) => Path.Combine(Root, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
