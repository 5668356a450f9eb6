using System.Globalization;
using System.Text;
using System.Text.Json;
using Lepton.Objects;

namespace Lepton.Cli.Objects;

/// <summary>Writes buckets, folders and objects: columns for people, or one JSON object a line.</summary>
internal sealed class ObjectLines(TextWriter output, bool json)
{
    private const int TimeWidth = 20;
    private const int SizeWidth = 11;

    private static readonly JsonWriterOptions s_relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private long _objects;
    private long _folders;
    private long _bytes;

    /// <summary>How many lines there were.</summary>
    public long Count => _objects + _folders;

    public void Write(BucketInfo bucket)
    {
        if (json)
        {
            WriteJson(writer =>
            {
                writer.WriteString("url", bucket.Url.ToString());
                WriteTime(writer, "createdAt", bucket.CreatedAt);
            });
            return;
        }

        output.WriteLine($"{TextForms.Time(bucket.CreatedAt)}  {bucket.Url}");
    }

    /// <summary>A folder.</summary>
    /// <param name="folder">Its URL, with the slash at its end.</param>
    /// <param name="above">What is not repeated on each line.</param>
    public void WriteFolder(ObjectUrl folder, ObjectUrl above)
    {
        _folders++;
        if (json)
        {
            WriteJson(writer =>
            {
                writer.WriteString("url", folder.ToString());
                writer.WriteBoolean("isFolder", true);
            });
            return;
        }

        output.WriteLine($"{"",TimeWidth}  {"folder",SizeWidth}  {Name(folder, above)}");
    }

    /// <summary>An object, as in <see cref="WriteFolder"/>.</summary>
    public void Write(ObjectInfo info, ObjectUrl above)
    {
        _objects++;
        _bytes += info.Bytes;
        if (json)
        {
            WriteJson(writer => WriteObject(writer, info));
            return;
        }

        output.WriteLine(
            $"{TextForms.Time(info.ModifiedAt)}  {TextForms.Bytes(info.Bytes),SizeWidth}  {Name(info.Url, above)}");
    }

    /// <summary>All that a store says of an object.</summary>
    public void WriteDetails(ObjectInfo info)
    {
        if (json)
        {
            WriteJson(writer => WriteObject(writer, info));
            return;
        }

        output.WriteLine($"url       {TextForms.Printable(info.Url.ToString())}");
        string exact = info.Bytes < 1024 ? "" : $" ({TextForms.Count(info.Bytes, "byte")})";
        output.WriteLine($"size      {TextForms.Bytes(info.Bytes)}{exact}");
        output.WriteLine($"modified  {TextForms.Time(info.ModifiedAt)}");
        output.WriteLine($"etag      {TextForms.Printable(info.ETag)}");
        output.WriteLine($"type      {TextForms.Printable(info.ContentType ?? "not said")}");
    }

    /// <summary>What all lines come to; nothing where they are JSON.</summary>
    public void WriteTotal()
    {
        if (!json)
        {
            string folders = _folders == 0 ? "" : $", {TextForms.Count(_folders, "folder")}";
            output.WriteLine($"{TextForms.Count(_objects, "object")}{folders}, {TextForms.Bytes(_bytes)}");
        }
    }

    private static string Name(ObjectUrl url, ObjectUrl above) => TextForms.Printable(url.Key[above.Key.Length..]);

    private static void WriteObject(Utf8JsonWriter writer, ObjectInfo info)
    {
        writer.WriteString("url", info.Url.ToString());
        writer.WriteNumber("bytes", info.Bytes);
        WriteTime(writer, "modifiedAt", info.ModifiedAt);
        writer.WriteString("eTag", info.ETag);
        if (info.ContentType is not null)
        {
            writer.WriteString("contentType", info.ContentType);
        }
    }

    private static void WriteTime(Utf8JsonWriter writer, string name, DateTimeOffset time) =>
        writer.WriteString(
            name, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    private void WriteJson(Action<Utf8JsonWriter> write)
    {
        using MemoryStream line = new();
        using (Utf8JsonWriter writer = new(line, s_relaxed))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(line.ToArray()));
    }
}
