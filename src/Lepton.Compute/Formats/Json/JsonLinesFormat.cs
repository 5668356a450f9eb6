using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lepton.Compute.Formats;

/// <summary>
/// One JSON value a line. Members are written in camel case and read in any case; NaN and the infinities stand as
/// strings; a constructor's parameters without a default value must be there.
/// </summary>
internal sealed class JsonLinesFormat<T> : IRecordFormat<T>
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        IncludeFields = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(), new Utf8TextJsonConverter() },
    };

    private readonly JsonLinesOptions _options;

    public JsonLinesFormat(JsonLinesOptions options)
    {
        options.Validate();
        _options = options;
    }

    public string FileExtension => ".jsonl";

    public IReadOnlyList<FileSplit> Split(IReadOnlyList<SourceFile> files, long splitBytes,
        CancellationToken cancellation) =>
        FileSplitter.Split(files, splitBytes);

    public IEnumerable<T> Read(FileSplit split, ISkippedRows skipped, CancellationToken cancellation)
    {
        using var errors = new RowErrors(split, _options.OnError, skipped);
        using var lines = new LineScanner(split, SplitBuffer.DefaultBytes, keepsChunks: false, cancellation);
        while (lines.TryRead(out int start, out int length))
        {
            if (!IsBlank(lines.Chunk.AsSpan(start, length)) && TryParse(lines, start, length, errors, out T? row))
            {
                yield return row;
            }
        }
    }

    public long Write(Stream stream, IEnumerable<T> rows, CancellationToken cancellation)
    {
        using var output = new Utf8Output(stream, cancellation);
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        foreach (T row in rows)
        {
            if (row is null && default(T) is null && Nullable.GetUnderlyingType(typeof(T)) is null)
            {
                throw new UnwritableRecordException("a JSON line", output.Rows + 1, "it is null. Leave it out.");
            }

            JsonSerializer.Serialize(json, row, Json);
            json.Flush();
            json.Reset();
            output.EndRow("\n"u8);
        }

        output.Flush();
        return output.Rows;
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept(" \t\r"u8) < 0;

    private static bool TryParse(
        LineScanner lines, int start, int length, RowErrors errors,
        [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T row)
    {
        ReadOnlySpan<byte> line = lines.Chunk.AsSpan(start, length);
        try
        {
            row = JsonSerializer.Deserialize<T>(line, Json)!;
            if (row is not null || Nullable.GetUnderlyingType(typeof(T)) is not null)
            {
                return true;
            }

            errors.Raise(lines.LineOffsetBytes, null, RowError.Show(line), Expected, "the value is null");
        }
        catch (JsonException e)
        {
            string? path = e.Path is null or "$" ? null : e.Path;
            errors.Raise(lines.LineOffsetBytes, path, RowError.Show(line), Expected, Shorten(e), e);
        }
        catch (Exception e) when (IsOfTheRecord(e))
        {
            string reason = $"{typeof(T).Name} can't be made of it: {e.GetType().Name}: {e.Message.TrimEnd('.')}";
            errors.Raise(lines.LineOffsetBytes, null, RowError.Show(line), Expected, reason, e);
        }

        row = default;
        return false;
    }

    /// <summary>
    /// What a constructor or setter of the record throws is about the row; what the serializer throws beside
    /// <see cref="JsonException"/> is about the type.
    /// </summary>
    private static bool IsOfTheRecord(Exception error) =>
        error is not (OperationCanceledException or OutOfMemoryException)
        && !(error is NotSupportedException or InvalidOperationException
            && error.TargetSite?.DeclaringType?.Assembly == typeof(JsonSerializer).Assembly);

    private static string Expected => $"one JSON value ({typeof(T).Name}) on the line";

    /// <summary>
    /// The first sentence: what follows repeats the path, and counts lines from the line's own start.
    /// </summary>
    private static string Shorten(JsonException error)
    {
        int end = error.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        string message = end < 0 ? error.Message : error.Message[..end];
        int place = message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        return (place < 0 ? message : message[..place]).TrimEnd('.');
    }
}
