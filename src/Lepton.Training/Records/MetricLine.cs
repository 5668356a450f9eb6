using System.Text.Json;

namespace Lepton.Training.Records;

/// <summary>A line of a run's metrics.</summary>
/// <param name="Step">Steps so far.</param>
/// <param name="Epoch">Epochs so far, the running one not counted.</param>
/// <param name="Split"><c>train</c> or <c>validation</c>.</param>
/// <param name="Values">Numbers by name.</param>
internal sealed record MetricLine(long Step, long Epoch, string Split, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>Reads a line; null for one that was cut off by a kill.</summary>
    public static MetricLine? Parse(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            var values = new OrderedDictionary<string, double>(StringComparer.Ordinal);
            foreach (JsonProperty property in root.EnumerateObject())
            {
                if (property.Name is not ("step" or "epoch" or "split")
                    && property.Value.TryGetDouble(out double value))
                {
                    values[property.Name] = value;
                }
            }

            return new MetricLine(
                root.GetProperty("step").GetInt64(), root.GetProperty("epoch").GetInt64(),
                root.GetProperty("split").GetString() ?? "", values);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // The steps that it told of are behind the last checkpoint, and are done again.
            return null;
        }
    }

    public void WriteTo(Stream stream)
    {
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteNumber("step", Step);
            writer.WriteNumber("epoch", Epoch);
            writer.WriteString("split", Split);
            foreach ((string name, double value) in Values)
            {
                if (double.IsFinite(value))
                {
                    writer.WriteNumber(name, value);
                }
            }

            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }
}
