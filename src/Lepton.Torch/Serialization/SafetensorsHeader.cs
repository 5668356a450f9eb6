using System.Text.Json;
using System.Text.Unicode;

namespace Lepton.Torch.Serialization;

/// <summary>
/// Reads the header of a safetensors file and checks it as the reference implementation does: tensors fill the data
/// without holes and overlaps, in whatever order. Nothing is believed that the file's size does not bear out. Pure.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>
    /// The reference implementation's bound, so that no file has a reader take more memory than that.
    /// </summary>
    public const int BytesMax = 100_000_000;

    private const string MetadataKey = "__metadata__";
    private const int DepthMax = 8;
    private const int DimensionsMax = 64;

    private SafetensorsHeader(OrderedDictionary<string, SafetensorsEntry> entries, Dictionary<string, string> metadata)
    {
        Entries = entries;
        Metadata = metadata;
    }

    public OrderedDictionary<string, SafetensorsEntry> Entries { get; }

    public Dictionary<string, string> Metadata { get; }

    /// <param name="json">The header's bytes.</param>
    /// <param name="dataBytes">How many bytes follow it in the file.</param>
    /// <exception cref="FormatException">It breaks a rule; the message says which, without a full stop.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataBytes)
    {
        if (!Utf8.IsValid(json))
        {
            throw new FormatException("the header is not UTF-8 text");
        }

        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw new FormatException("the header is no JSON object: it does not begin with '{'");
        }

        SafetensorsHeader header;
        try
        {
            header = Read(json);
        }
        catch (JsonException e)
        {
            throw new FormatException($"the header is no valid JSON ({e.Message.TrimEnd('.')})", e);
        }
        catch (InvalidOperationException e)
        {
            // A text with half of a surrogate pair in it.
            throw new FormatException($"a text in the header is not valid ({e.Message.TrimEnd('.')})", e);
        }

        RequireFilled(header.Entries.Values, dataBytes);
        return header;
    }

    private static SafetensorsHeader Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DepthMax });
        var entries = new OrderedDictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
        Dictionary<string, string>? metadata = null;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new FormatException($"'{name}' in the header is no JSON object");
            }

            if (name == MetadataKey ? metadata is not null : entries.ContainsKey(name))
            {
                throw new FormatException($"'{name}' is there twice in the header");
            }

            if (name == MetadataKey)
            {
                metadata = ReadMetadata(ref reader);
            }
            else
            {
                entries.Add(name, ReadEntry(name, ref reader));
            }
        }

        // Behind the object only white space may follow: the reader throws at anything else.
        reader.Read();
        return new SafetensorsHeader(entries, metadata ?? []);
    }

    private static Dictionary<string, string> ReadMetadata(ref Utf8JsonReader reader)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                throw new FormatException($"'{key}' in {MetadataKey} is no text");
            }

            if (!metadata.TryAdd(key, reader.GetString()!))
            {
                throw new FormatException($"'{key}' is there twice in {MetadataKey}");
            }
        }

        return metadata;
    }

    private static SafetensorsEntry ReadEntry(string name, ref Utf8JsonReader reader)
    {
        string? format = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            switch (key)
            {
                case "dtype" when format is not null:
                case "shape" when shape is not null:
                case "data_offsets" when offsets is not null:
                    throw new FormatException($"tensor '{name}' has '{key}' twice");
                case "dtype":
                    format = reader.TokenType == JsonTokenType.String
                        ? reader.GetString()
                        : throw new FormatException($"the dtype of tensor '{name}' is no text");
                    break;
                case "shape":
                    shape = ReadNumbers(name, key, ref reader, DimensionsMax);
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(name, key, ref reader, 2);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return Checked(name, format, shape, offsets);
    }

    private static List<long> ReadNumbers(string name, string key, ref Utf8JsonReader reader, int countMax)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new FormatException($"'{key}' of tensor '{name}' is no array of integers");
        }

        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
            {
                throw new FormatException($"'{key}' of tensor '{name}' has something other than integers from 0");
            }

            numbers.Add(number);
            if (numbers.Count > countMax)
            {
                throw new FormatException($"'{key}' of tensor '{name}' has more than {countMax} numbers");
            }
        }

        return numbers;
    }

    private static SafetensorsEntry Checked(string name, string? format, List<long>? shape, List<long>? offsets)
    {
        if (format is null || shape is null || offsets is not { Count: 2 })
        {
            string lacking = format is null ? "dtype" : shape is null ? "shape" : "data_offsets of a begin and an end";
            throw new FormatException($"tensor '{name}' has no {lacking}");
        }

        int elementBytes = SafetensorsFormats.BytesOf(format);
        if (elementBytes == 0)
        {
            throw new FormatException(
                $"tensor '{name}' has the dtype '{format}', which is none of {SafetensorsFormats.Known}");
        }

        long bytes = BytesOf(name, elementBytes, shape);
        (long begin, long end) = (offsets[0], offsets[1]);
        return end < begin
            ? throw new FormatException($"tensor '{name}' ends ({end}) before it begins ({begin})")
            : bytes != end - begin
                ? throw new FormatException(
                    $"tensor '{name}' has {end - begin} bytes; {format}[{string.Join(", ", shape)}] needs {bytes}")
                : new SafetensorsEntry(name, format, shape, begin, end - begin);
    }

    private static long BytesOf(string name, int elementBytes, List<long> shape)
    {
        Int128 bytes = elementBytes;
        foreach (long size in shape)
        {
            // Also where another size is 0: libtorch multiplies them too.
            bytes *= Math.Max(size, 1);
            if (bytes > long.MaxValue)
            {
                throw new FormatException(
                    $"tensor '{name}' with the shape [{string.Join(", ", shape)}] is larger than any memory");
            }
        }

        return shape.Contains(0) ? 0 : (long)bytes;
    }

    private static void RequireFilled(IEnumerable<SafetensorsEntry> entries, long dataBytes)
    {
        long filled = 0;
        SafetensorsEntry? last = null;
        foreach (SafetensorsEntry entry in entries.OrderBy(entry => entry.Offset).ThenBy(entry => entry.End))
        {
            if (entry.End > dataBytes)
            {
                throw new FormatException(
                    $"tensor '{entry.Name}' ends at byte {entry.End} of the data, of which the file has {dataBytes}: " +
                    "it is cut off, or its header is wrong");
            }

            if (entry.Offset < filled)
            {
                throw new FormatException(
                    $"tensors '{last!.Name}' and '{entry.Name}' overlap: one ends at byte {filled} of the data, the " +
                    $"other begins at {entry.Offset}");
            }

            if (entry.Offset > filled)
            {
                throw new FormatException(
                    $"no tensor has the bytes {filled} to {entry.Offset} of the data, before '{entry.Name}': a hole");
            }

            filled = entry.End;
            last = entry;
        }

        if (filled != dataBytes)
        {
            throw new FormatException($"{dataBytes - filled} bytes at the file's end belong to no tensor");
        }
    }
}
