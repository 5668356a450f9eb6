using Lepton.Compute.Formats;
using Lepton.Compute.Plans;

namespace Lepton.Compute.Datasets;

/// <summary>Where data sets come from.</summary>
public static class SessionSources
{
    /// <summary>Bytes of a file that one task reads at most, where nothing else was asked for.</summary>
    public const long SplitBytesDefault = 32L << 20;

    private const int CollectionPartitionsMax = 16;

    /// <summary>
    /// A collection of the caller, sent to the workers in slices.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="items">The records; a collection that is not a list is copied now.</param>
    /// <param name="partitions">Slices; by default 16, or one a record where there are fewer.</param>
    public static Dataset<T> From<T>(this LeptonSession session, IEnumerable<T> items, int? partitions = null)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(items);
        IReadOnlyList<T> list = items as IReadOnlyList<T> ?? [.. items];
        PartitionCounts.Check(partitions);
        int count = partitions ?? Math.Clamp(list.Count, 1, CollectionPartitionsMax);
        return new Dataset<T>(session, new CollectionNode<T>(session.NextId(), list, count));
    }

    /// <summary>Consecutive numbers, made on the workers.</summary>
    public static Dataset<long> Range(this LeptonSession session, long start, long count, int? partitions = null)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > 0)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(start, long.MaxValue - count + 1);
        }

        PartitionCounts.Check(partitions);
        int parts = partitions ?? (int)Math.Clamp(count, 1, CollectionPartitionsMax);
        return new Dataset<long>(session, new RangeNode(start, count, parts));
    }

    /// <summary>Records that <paramref name="generator"/> makes on the workers, given the number of the
    /// partition.</summary>
    public static Dataset<T> Generate<T>(this LeptonSession session, int partitions, Func<int,
        IEnumerable<T>> generator)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(generator);
        PartitionCounts.Check(partitions);
        return new Dataset<T>(session, new GenerateNode<T>(partitions, generator));
    }

    /// <summary>Lines of text files (UTF-8; gzip by the ending <c>.gz</c>).</summary>
    /// <param name="session">The session.</param>
    /// <param name="path">A file, a directory, or a glob such as <c>logs/**/*.log.gz</c>.</param>
    /// <param name="splitBytes">
    /// Bytes that one task reads, at most and about: the tasks of a file read as much as one another. A gzip file is
    /// one task's.
    /// </param>
    public static Dataset<string> ReadText(
        this LeptonSession session, string path, long splitBytes = SplitBytesDefault) =>
        Read(session, path, new FormatSpec<string>(FormatKind.Text), splitBytes, "ReadText");

    /// <summary>Lines of text files as UTF-8 bytes, which saves making strings where a job only cuts, compares or
    /// copies them.</summary>
    public static Dataset<Utf8Text> ReadUtf8Text(
        this LeptonSession session, string path, long splitBytes = SplitBytesDefault) =>
        Read(session, path, new FormatSpec<Utf8Text>(FormatKind.Utf8Text), splitBytes, "ReadUtf8Text");

    /// <summary>
    /// Rows of CSV files. Columns are matched to the constructor's parameters or the properties of
    /// <typeparamref name="T"/> by name, whatever their case and underscores.
    /// </summary>
    public static Dataset<T> ReadCsv<T>(
        this LeptonSession session, string path, CsvOptions? options = null, long splitBytes = SplitBytesDefault)
    {
        options?.Validate();
        return Read(session, path, new FormatSpec<T>(FormatKind.Csv, csv: options), splitBytes, "ReadCsv");
    }

    /// <summary>Values of JSON lines files, read by System.Text.Json.</summary>
    public static Dataset<T> ReadJsonLines<T>(
        this LeptonSession session, string path, JsonLinesOptions? options = null, long splitBytes = SplitBytesDefault)
    {
        options?.Validate();
        return Read(session, path, new FormatSpec<T>(FormatKind.JsonLines, json: options), splitBytes, "ReadJsonLines");
    }

    /// <summary>
    /// Loads URLs on the workers, in parallel with retries, and in their order.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="urls">Absolute HTTP or HTTPS addresses.</param>
    /// <param name="options">Concurrency within a task, attempts, time-outs, and the largest body.</param>
    /// <param name="partitions">Tasks; by default 16, or one a URL where there are fewer.</param>
    public static Dataset<UrlContent> ReadUrls(
        this LeptonSession session, IEnumerable<string> urls, UrlOptions? options = null, int? partitions = null)
    {
        ArgumentNullException.ThrowIfNull(urls);
        options ??= new UrlOptions();
        options.Validate();
        string[] list = [.. urls];
        List<string> wrong = [.. list.Where(url => !IsHttp(url))];
        if (wrong.Count > 0)
        {
            throw new ArgumentException(
                $"{wrong.Count} of {list.Length} URLs are not absolute HTTP addresses, the first is '{wrong[0]}'. " +
                "Expected addresses like https://host/path.", nameof(urls));
        }

        Dataset<string> addresses = session.From(list, partitions);
        return addresses.With(new UrlNode(addresses.Node, options));
    }

    private static bool IsHttp(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && (uri.Scheme is "http" or "https");

    private static Dataset<T> Read<T>(
        LeptonSession session, string path, FormatSpec<T> format, long splitBytes, string name)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(splitBytes, 1);
        string label = $"{name} {Path.GetFileName(path)}";
        return new Dataset<T>(session, new FileNode<T>(session.NextId(), [path], format, splitBytes, label));
    }
}
