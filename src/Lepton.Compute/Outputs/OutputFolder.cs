using System.Globalization;
using System.Security.Cryptography;
using Lepton.Compute.Datasets;
using Lepton.Compute.Session;
using Lepton.Core.Durability;

namespace Lepton.Compute.Outputs;

/// <summary>A directory that appears whole or not at all. Disposing it without a commit removes what was written.</summary>
internal sealed class OutputFolder : IDisposable
{
    /// <summary>The file that says that all others are whole.</summary>
    public const string Marker = "_SUCCESS";

    private readonly WriteOptions _options;

    /// <exception cref="IOException">The target is there, or its parent is not.</exception>
    public OutputFolder(string path, WriteOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _options = options;
        Path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        string parent = System.IO.Path.GetDirectoryName(Path)
            ?? throw new IOException($"'{Path}' is a root; an output needs a directory of its own.");
        if (File.Exists(Path) || (Directory.Exists(Path) && !options.Overwrite))
        {
            throw new IOException(
                $"The output '{Path}' is there already. Choose another directory, remove it, or set WriteOptions.Overwrite.");
        }

        Directory.CreateDirectory(parent);
        string unique = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        TemporaryPath = System.IO.Path.Combine(parent, $".{System.IO.Path.GetFileName(Path)}.lepton-{unique}");
        Directory.CreateDirectory(TemporaryPath);
    }

    /// <summary>The final directory.</summary>
    public string Path { get; }

    /// <summary>Where tasks write.</summary>
    public string TemporaryPath { get; }

    /// <summary>
    /// Gives the files of the tasks that counted their final names, removes those of their twins, writes the marker and renames the directory.
    /// </summary>
    public void Commit(IReadOnlyList<string> names, string extension, string markerText = "")
    {
        for (int i = 0; i < names.Count; i++)
        {
            string final = string.Create(CultureInfo.InvariantCulture, $"part-{i:00000}{extension}");
            File.Move(System.IO.Path.Combine(TemporaryPath, names[i]), System.IO.Path.Combine(TemporaryPath, final));
        }

        RemoveTwins(TemporaryPath);
        string marker = System.IO.Path.Combine(TemporaryPath, Marker);
        DurableFile.WriteAllBytesAtomic(marker, System.Text.Encoding.UTF8.GetBytes(markerText));
        Replace();

        // A cancelled twin can have made its file a moment ago; under the new name it can't make another.
        RemoveTwins(Path);
    }

    /// <summary>Removes what was not committed. Tasks that still run find their directory gone.</summary>
    public void Dispose() => SessionDirectory.RemoveInUse(TemporaryPath);

    private static void RemoveTwins(string directory)
    {
        foreach (string file in Directory.EnumerateFiles(directory))
        {
            string name = System.IO.Path.GetFileName(file);
            if (name != Marker && !name.StartsWith("part-", StringComparison.Ordinal))
            {
                File.Delete(file);
            }
        }
    }

    private void Replace()
    {
        if (!Directory.Exists(Path))
        {
            DurableFile.RenameDirectoryAtomic(TemporaryPath, Path);
            return;
        }

        if (!_options.Overwrite)
        {
            throw new IOException($"The output '{Path}' was made by somebody else while this job ran. Nothing of it was changed.");
        }

        string old = TemporaryPath + ".old";
        Directory.Move(Path, old);
        DurableFile.RenameDirectoryAtomic(TemporaryPath, Path);
        SessionDirectory.Remove(old);
    }
}
