using System.Globalization;
using System.Security.Cryptography;
using Lepton.Compute.Datasets;
using Lepton.Compute.Session;
using Lepton.Core.Durability;

namespace Lepton.Compute.Outputs;

/// <summary>
/// A directory that appears whole or not at all. Tasks write to a temporary one beside it; a commit moves the files
/// that count to another, where no late twin of a task finds them, and gives that the final name. Disposing it removes
/// what else was written.
/// </summary>
internal sealed class OutputFolder : IOutput, IDisposable
{
    /// <summary>The file that says that all others are whole.</summary>
    public const string Marker = "_SUCCESS";

    private const string TemporaryMark = ".lepton-";
    private const string WholeSuffix = ".whole";
    private const string ReplacedSuffix = ".replaced";
    private const int UniqueBytes = 6;
    private readonly WriteOptions _options;
    private readonly string? _note;

    /// <exception cref="IOException">The target is there, or can't be made in its parent.</exception>
    public OutputFolder(string path, WriteOptions options, OutputsInWork? inWork = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _options = options;
        Path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        string parent = System.IO.Path.GetDirectoryName(Path)
            ?? throw new IOException($"'{Path}' is a root; an output needs a directory of its own.");
        RequireFree(options);

        string unique = NewUnique();
        TemporaryPath = System.IO.Path.Combine(
            parent, $".{System.IO.Path.GetFileName(Path)}{TemporaryMark}{unique}");
        _note = inWork?.Note(TemporaryPath);
        try
        {
            Directory.CreateDirectory(TemporaryPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Of the temporary name nobody but this class knows.
            string reason = e.Message.Replace(TemporaryPath, Path, StringComparison.Ordinal).TrimEnd('.');
            throw new IOException(
                $"The output '{Path}' can't be made: {reason}. '{parent}' must be a directory, or a path where one " +
                    "can be made, in which this program may create files: check the path, the permissions, and that " +
                    "the disk has room and is not mounted read-only, or choose another directory.",
                e);
        }
    }

    /// <summary>The final directory.</summary>
    public string Path { get; }

    /// <summary>Where tasks write.</summary>
    public string TemporaryPath { get; }

    /// <inheritdoc/>
    public PartPlace Place => new(TemporaryPath, "");

    /// <inheritdoc/>
    public Task CommitAsync(
        IReadOnlyList<PartFile> parts, string extension, string markerText, CancellationToken cancellation)
    {
        Commit([.. parts.Select(static part => part.Name)], extension, markerText);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Gives the files of the tasks that counted their final names, writes the marker and renames the directory.
    /// </summary>
    public void Commit(IReadOnlyList<string> names, string extension, string markerText = "")
    {
        string whole = Directory.CreateDirectory(TemporaryPath + WholeSuffix).FullName;
        for (int i = 0; i < names.Count; i++)
        {
            string final = string.Create(CultureInfo.InvariantCulture, $"part-{i:00000}{extension}");
            File.Move(System.IO.Path.Combine(TemporaryPath, names[i]), System.IO.Path.Combine(whole, final));
        }

        string marker = System.IO.Path.Combine(whole, Marker);
        DurableFile.WriteAllBytesAtomic(marker, System.Text.Encoding.UTF8.GetBytes(markerText));
        Replace(whole);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Abandon(TemporaryPath) && _note is not null)
        {
            DeleteNote(_note);
        }
    }

    /// <summary>What no other output has in its names: 12 hexadecimal digits.</summary>
    public static string NewUnique() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(UniqueBytes));

    /// <summary>Whether a path is one that <see cref="TemporaryPath"/> may have.</summary>
    public static bool IsTemporary(string path)
    {
        string name = System.IO.Path.GetFileName(path);
        int mark = name.LastIndexOf(TemporaryMark, StringComparison.Ordinal);
        return System.IO.Path.IsPathFullyQualified(path) && name.StartsWith('.') && mark > 1
            && name.Length == mark + TemporaryMark.Length + (2 * UniqueBytes);
    }

    /// <summary>
    /// Removes what is left of an output in work, and puts back what it was about to replace. Others may do so at the
    /// same time. False where something could not be removed.
    /// </summary>
    public static bool Abandon(string temporaryPath)
    {
        bool all = SessionDirectory.RemoveInUse(temporaryPath)
            & SessionDirectory.Remove(temporaryPath + WholeSuffix);
        string replaced = temporaryPath + ReplacedSuffix;
        string name = System.IO.Path.GetFileName(temporaryPath);
        string final = System.IO.Path.Combine(
            System.IO.Path.GetDirectoryName(temporaryPath)!,
            name[1..name.LastIndexOf(TemporaryMark, StringComparison.Ordinal)]);
        if (Directory.Exists(replaced) && !Directory.Exists(final))
        {
            return SessionDirectory.TryMove(replaced, final) && all;
        }

        return SessionDirectory.Remove(replaced) && all;
    }

    private void RequireFree(WriteOptions options)
    {
        if (File.Exists(Path))
        {
            throw new IOException(
                $"The output '{Path}' is a file, and an output is a directory. " +
                "Choose another path, or remove the file.");
        }

        if (Directory.Exists(Path))
        {
            RequireReplaceable(options, "is there already. Choose another directory, remove it, or set " +
                "WriteOptions.Overwrite.");
        }
    }

    /// <summary>Whatever is replaced is deleted with all that it holds, so it must be an output, or empty.</summary>
    private void RequireReplaceable(WriteOptions options, string refusal)
    {
        if (!options.Overwrite)
        {
            throw new IOException($"The output '{Path}' {refusal}");
        }

        if (!File.Exists(System.IO.Path.Combine(Path, Marker)) && Directory.EnumerateFileSystemEntries(Path).Any())
        {
            throw new IOException(
                $"The directory '{Path}' is no output: it holds files and no {Marker}. WriteOptions.Overwrite would " +
                "delete them, so it is refused. Choose another directory, or remove this one yourself.");
        }
    }

    private static void DeleteNote(string note)
    {
        try
        {
            File.Delete(note);
        }
        catch (DirectoryNotFoundException)
        {
            // It went with the session's folder.
            return;
        }
    }

    private void Replace(string whole)
    {
        if (!Directory.Exists(Path))
        {
            DurableFile.RenameDirectoryAtomic(whole, Path);
            return;
        }

        RequireReplaceable(
            _options, "was made by somebody else while this job ran. Nothing of it was changed.");

        string replaced = TemporaryPath + ReplacedSuffix;
        Directory.Move(Path, replaced);
        DurableFile.RenameDirectoryAtomic(whole, Path);
        SessionDirectory.Remove(replaced);
    }
}
