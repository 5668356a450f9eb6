using System.Collections.Frozen;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Lepton.Compute.Events;

/// <summary>Events to and from lines of JSON: <c>{"event":"TaskFinished","time":…}</c>.</summary>
internal static class JobEventSerializer
{
    private static readonly FrozenSet<string> s_knownNames = JobEventJson.Default.JobEvent.PolymorphismOptions!
        .DerivedTypes.Select(derived => (string)derived.TypeDiscriminator!).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>
    /// Options for the writer that <see cref="Write"/> gets. The text is never put into a page unescaped, so letters
    /// outside ASCII stay readable.
    /// </summary>
    public static JsonWriterOptions WriterOptions { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>Writes one event as a JSON object, without a line end.</summary>
    public static void Write(Utf8JsonWriter writer, JobEvent jobEvent)
    {
        switch (jobEvent)
        {
            case TaskFinished task:
                TaskFinishedJson.Write(writer, task);
                break;
            case UnknownEvent unknown:
                writer.WriteRawValue(unknown.Json, skipInputValidation: true);
                break;
            default:
                JsonSerializer.Serialize(writer, jobEvent, JobEventJson.Default.JobEvent);
                break;
        }
    }

    /// <summary>Reads one line. An event that is not known here becomes an <see cref="UnknownEvent"/>.</summary>
    /// <exception cref="JsonException">The line is not an event.</exception>
    public static JobEvent Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            string name = EventName(line);
            return s_knownNames.Contains(name) ? Known(line, name) : Unknown(line, name);
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("The line holds bytes that are not UTF-8.", e);
        }
    }

    private static JobEvent Known(ReadOnlySpan<byte> line, string name)
    {
        try
        {
            return JsonSerializer.Deserialize(line, JobEventJson.Default.JobEvent)
                ?? throw new JsonException("The line holds null instead of an event.");
        }
        catch (NotSupportedException)
        {
            // A known event with a part of a kind that came later, such as a new kind of exhibit.
            return Unknown(line, name);
        }
    }

    private static string EventName(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject
            || !reader.Read() || !reader.ValueTextEquals("event"u8)
            || !reader.Read() || reader.TokenType != JsonTokenType.String)
        {
            throw new JsonException("The line must be an object whose first field, \"event\", names the event.");
        }

        return reader.GetString()!;
    }

    private static UnknownEvent Unknown(ReadOnlySpan<byte> line, string name)
    {
        var reader = new Utf8JsonReader(line);
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        if (reader.Read())
        {
            throw new JsonException("Something follows the event on its line.");
        }

        DateTimeOffset when = document.RootElement.TryGetProperty("time", out JsonElement time)
            && time.ValueKind == JsonValueKind.String
            && time.TryGetDateTimeOffset(out DateTimeOffset parsed)
            ? parsed
            : DateTimeOffset.MinValue;
        return new UnknownEvent(when, name, document.RootElement.GetRawText());
    }
}
