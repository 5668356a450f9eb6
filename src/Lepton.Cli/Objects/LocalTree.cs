using System.IO.Enumeration;
using Lepton.Cli.CommandLine;
using Lepton.Compute;
using Lepton.Objects;

namespace Lepton.Cli.Objects;

/// <summary>The files below a directory, and where objects may be written there.</summary>
internal static class LocalTree
{
    /// <summary>
    /// All files in the order of their names, but for what downloads have left that were interrupted. Links to files
    /// count as what they lead to; links to directories are not followed, as they may lead round in circles.
    /// </summary>
    /// <exception cref="UsageException">There is no such directory.</exception>
    public static IReadOnlyList<LocalFile> Files(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw File.Exists(directory)
                ? new UsageException($"'{directory}' is a file, not a directory.")
                : new UsageException(
                    $"There is no directory '{directory}'. Correct the path.", exitCode: ExitCodes.MissingFile);
        }

        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true, AttributesToSkip = default, IgnoreInaccessible = false,
        };
        var paths = new FileSystemEnumerable<string>(
            directory, static (ref FileSystemEntry entry) => entry.ToFullPath(), options)
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) =>
                !entry.IsDirectory && !ObjectClient.IsPartial(entry.FileName.ToString()),
            ShouldRecursePredicate = static (ref FileSystemEntry entry) =>
                !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };
        string root = Path.GetFullPath(directory);
        List<LocalFile> files = [.. paths.Select(path => Describe(root, path))];
        files.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return files;
    }

    /// <summary>How many bytes a file has, or the one that a link leads to; 0 where that can't be known.</summary>
    public static long BytesOf(string path) =>
        File.ResolveLinkTarget(path, returnFinalTarget: true) switch
        {
            null => new FileInfo(path).Length,
            FileInfo { Exists: true } target => target.Length,
            _ => 0,
        };

    /// <summary>
    /// Where an object belongs below a directory; null: nowhere, as its name would lead out of it, or is no path.
    /// </summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">What follows the folder in the object's key. Whoever may write there chose it.</param>
    public static string? Place(string directory, string name)
    {
        string[] parts = name.Split('/');
        return parts.All(IsName) ? Path.Combine([directory, .. parts]) : null;
    }

    /// <summary>Makes the directories above a place.</summary>
    /// <exception cref="UsageException">One of them is a link, which may lead anywhere.</exception>
    public static void MakeRoom(string directory, string place)
    {
        string above = Path.GetDirectoryName(place)!;
        string root = Path.TrimEndingDirectorySeparator(directory);
        for (string at = above; at.Length > root.Length; at = Path.GetDirectoryName(at)!)
        {
            if (new DirectoryInfo(at).LinkTarget is { } target)
            {
                throw new UsageException(
                    $"'{at}' is a link to '{target}': nothing is written through it. Remove it, or name the " +
                    "directory itself.");
            }
        }

        Directory.CreateDirectory(above);
    }

    private static bool IsName(string part) =>
        part is not ("" or "." or "..") && !part.AsSpan().ContainsAny(Path.GetInvalidFileNameChars());

    private static LocalFile Describe(string root, string path)
    {
        FileInfo file = new(path);
        if (file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Exists: true } target)
        {
            file = target;
        }

        string name = Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');
        return new LocalFile(name, path, file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero));
    }
}
