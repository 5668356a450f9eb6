using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Lepton.Coordination.Client;

namespace Lepton.Cli.Coordination;

/// <summary>Writes keys and their changes: raw bytes for people and pipes, or one JSON object a line.</summary>
internal sealed class EntryWriter(Stream output, bool json, bool withKeys) : IDisposable
{
    private static readonly JsonWriterOptions s_relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly ArrayBufferWriter<byte> _line = new();

    /// <summary>To standard output.</summary>
    public static EntryWriter ToConsole(bool json, bool withKeys) =>
        new(Console.OpenStandardOutput(), json, withKeys);

    /// <summary>A key as it is.</summary>
    public void Write(KeyValue entry, bool keyOnly = false)
    {
        if (json)
        {
            WriteJson(entry, kind: null, keyOnly);
        }
        else
        {
            WriteLine(withKeys || keyOnly ? entry.Key : null as Bytes?, keyOnly ? null as Bytes? : entry.Value);
        }
    }

    /// <summary>A change.</summary>
    public void Write(WatchEvent change)
    {
        bool deleted = change.Kind == WatchEventKind.Delete;
        if (json)
        {
            WriteJson(change.Entry, deleted ? "delete" : "put", keyOnly: deleted);
        }
        else
        {
            WriteLine(deleted ? "DELETE" : "PUT", change.Entry.Key, deleted ? null as Bytes? : change.Entry.Value);
        }
    }

    public void Dispose() => output.Dispose();

    /// <summary>Parts of a line, as they are, with tabs between them.</summary>
    private void WriteLine(params ReadOnlySpan<Bytes?> parts)
    {
        bool first = true;
        foreach (Bytes? part in parts)
        {
            if (part is { } bytes)
            {
                if (!first)
                {
                    _line.Write("\t"u8);
                }

                _line.Write(bytes.Span);
                first = false;
            }
        }

        Flush();
    }

    private void WriteJson(KeyValue entry, string? kind, bool keyOnly)
    {
        using (Utf8JsonWriter writer = new(_line, s_relaxed))
        {
            writer.WriteStartObject();
            if (kind is not null)
            {
                writer.WriteString("event", kind);
            }

            WriteBytes(writer, "key", entry.Key);
            if (!keyOnly)
            {
                WriteBytes(writer, "value", entry.Value);
            }

            if (kind != "delete")
            {
                writer.WriteNumber("createRevision", entry.CreateRevision.Value);
                writer.WriteNumber("version", entry.Version);
                writer.WriteString("lease", entry.Lease.ToString());
            }

            writer.WriteNumber("modRevision", entry.ModRevision.Value);
            writer.WriteEndObject();
        }

        Flush();
    }

    /// <summary>Text where the bytes are text, base 64 under another name where they are not.</summary>
    private static void WriteBytes(Utf8JsonWriter writer, string name, Bytes bytes)
    {
        if (Utf8.IsValid(bytes.Span))
        {
            writer.WriteString(name, bytes.Span);
        }
        else
        {
            writer.WriteBase64String(name + "Base64", bytes.Span);
        }
    }

    private void Flush()
    {
        _line.Write("\n"u8);
        output.Write(_line.WrittenSpan);
        output.Flush();
        _line.ResetWrittenCount();
    }
}
