using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lepton.Compute.Formats;

/// <summary>Text as a JSON string.</summary>
internal sealed class Utf8TextJsonConverter : JsonConverter<Utf8Text>
{
    public override Utf8Text Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? throw new JsonException("The value is null where text is expected."));

    public override void Write(Utf8JsonWriter writer, Utf8Text value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Span);
}
