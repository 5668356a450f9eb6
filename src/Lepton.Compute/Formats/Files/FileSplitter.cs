using Lepton.Objects;

namespace Lepton.Compute.Formats;

/// <summary>Turns paths into files, and files into splits. Both depend on the files and the options only.</summary>
internal static class FileSplitter
{
    // A file this share of a split longer than so many splits is no more of them: a task has its price.
    private const double OverlongShareMax = 0.1;

    // Beyond so many parts their number is a multiple of this, so that two or four workers end together.
    private const long PartsMultiple = 4;

    /// <summary>
    /// The files that <paramref name="pathsOrGlobs"/> name, each once, in ordinal order of their full paths. A
    /// directory stands for the files in it, without those whose names start with <c>_</c> or <c>.</c>. What starts
    /// with <c>s3://</c> names objects, by the same rules.
    /// </summary>
    /// <exception cref="SourceNotFoundException">A path names nothing, or a pattern matches nothing.</exception>
    public static IReadOnlyList<SourceFile> Resolve(
        IReadOnlyList<string> pathsOrGlobs, CancellationToken cancellation = default)
    {
        if (pathsOrGlobs.Count == 0)
        {
            throw new ArgumentException("No path was given: name at least one file, directory or pattern.",
                nameof(pathsOrGlobs));
        }

        var files = new SortedDictionary<string, SourceFile>(StringComparer.Ordinal);
        foreach (SourceFile file in pathsOrGlobs.SelectMany(path => ObjectUrl.IsUrl(path)
            ? ObjectPaths.Resolve(path, cancellation)
            : ResolveOne(path).Select(static path => new SourceFile(path, new FileInfo(path).Length))))
        {
            files[file.Path] = file;
        }

        return [.. files.Values];
    }

    /// <summary>
    /// Byte ranges of about <paramref name="splitBytes"/>, in the order of the files. They cut lines: the line whose
    /// first byte lies in a split belongs to it. A gzip file is one split; an empty file is none.
    /// </summary>
    public static IReadOnlyList<FileSplit> Split(IReadOnlyList<SourceFile> files, long splitBytes)
    {
        var splits = new List<FileSplit>();
        foreach (SourceFile file in files.Where(file => file.Bytes > 0))
        {
            if (file.IsGzip)
            {
                splits.Add(file.Whole);
                continue;
            }

            IReadOnlyList<long> starts = Borders(file.Bytes, splitBytes);
            splits.AddRange(FromStarts(file, starts));
        }

        return splits;
    }

    /// <summary>
    /// The offsets at which the parts of a file of <paramref name="bytes"/> should start; the first is 0. Parts are as
    /// long as one another, of at most <paramref name="splitBytes"/> and a tenth.
    /// </summary>
    public static IReadOnlyList<long> Borders(long bytes, long splitBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(splitBytes, 1);
        long count = Math.Max(1, (long)Math.Ceiling(((double)bytes / splitBytes) - OverlongShareMax));
        if (count > PartsMultiple)
        {
            count = Math.Min(bytes, (count + PartsMultiple - 1) / PartsMultiple * PartsMultiple);
        }

        (long length, long longer) = Math.DivRem(bytes, count);
        var starts = new List<long>(checked((int)count));
        for (long part = 0; part < count; part++)
        {
            starts.Add((part * length) + Math.Min(part, longer));
        }

        return starts;
    }

    /// <summary>The splits of a file that start at <paramref name="starts"/> (rising, the first 0).</summary>
    public static IEnumerable<FileSplit> FromStarts(SourceFile file, IReadOnlyList<long> starts)
    {
        for (int part = 0; part < starts.Count; part++)
        {
            long end = part + 1 < starts.Count ? starts[part + 1] : file.Bytes;
            yield return file.Split(starts[part], end - starts[part]);
        }
    }

    private static string[] ResolveOne(string given)
    {
        if (string.IsNullOrWhiteSpace(given))
        {
            throw new SourceNotFoundException(given ?? "", "An empty path was given: name a file, a directory or a " +
                "pattern.");
        }

        string full = Path.GetFullPath(given);
        if (File.Exists(full))
        {
            return [full];
        }

        if (Directory.Exists(full))
        {
            string[] inside = [.. Directory.EnumerateFiles(full)
                .Where(path => !GlobPattern.IsHidden(Path.GetFileName(path)))];
            return inside.Length > 0 ? inside : throw new SourceNotFoundException(full,
                $"The directory {full} holds no files to read (names that start with '_' or '.' don't count, and " +
                $"directories in it are not entered). Name the files, or use {Path.Combine(full, "**", "*")} for all " +
                "below it.");
        }

        if (!GlobPattern.IsPattern(given))
        {
            throw NotFound(given, full);
        }

        string[] matches = [.. GlobPattern.Matches(full)];
        return matches.Length > 0 ? matches : throw NoMatch(given, full);
    }

    private static SourceNotFoundException NotFound(string given, string full)
    {
        string directory = Path.GetDirectoryName(full)!;
        string name = Path.GetFileName(full);
        while (!Directory.Exists(directory))
        {
            name = Path.GetFileName(directory);
            directory = Path.GetDirectoryName(directory)!;
        }

        bool isDirectory = Path.Combine(directory, name) != full;
        string? near = NearestName.Find(name, Directory.EnumerateFileSystemEntries(directory)
            .Select(path => Path.GetFileName(path)));
        string missing = isDirectory ? $"There is no file {full}: {directory} has no '{name}'."
            : $"There is no file {full}.";
        string hint = near is null ? $"Nothing in {directory} has a name like '{name}'."
            : $"The nearest name in {directory} is '{near}'.";
        string advice = Path.IsPathFullyQualified(given) ? "Correct the path." :
            $"Correct the path; '{given}' was taken from the current directory {Directory.GetCurrentDirectory()}.";
        return new SourceNotFoundException(full, $"{missing} {hint} {advice}");
    }

    private static SourceNotFoundException NoMatch(string given, string full)
    {
        string fixedPart = full;
        while (GlobPattern.IsPattern(fixedPart))
        {
            fixedPart = Path.GetDirectoryName(fixedPart)!;
        }

        string where = Directory.Exists(fixedPart) ? $"{fixedPart} is there, but nothing in it fits"
            : $"There is no directory {fixedPart}";
        return new SourceNotFoundException(full,
            $"The pattern '{given}' matches no file. {where}. '*' and '?' stand for parts of one name, '**' for any " +
            "directories, and names that start with '_' or '.' are left out.");
    }
}
