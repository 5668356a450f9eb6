using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lepton.Coordination.Recipes.Registry;

/// <summary>What the store keeps of an instance; its service and id are in the key.</summary>
internal sealed record InstanceRecord(
    [property: JsonPropertyName("address"), JsonRequired] string Address,
    [property: JsonPropertyName("metadata")] IReadOnlyDictionary<string, string>? Metadata);

/// <summary>Its form: JSON, so that any tool can read it.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InstanceRecord))]
internal sealed partial class InstanceJson : JsonSerializerContext;
