using System.Text.Json.Serialization;

namespace Lepton.Training.Launch;

/// <summary>Source-generated: what launchers keep in the coordination store.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(RendezvousNode))]
[JsonSerializable(typeof(Round))]
internal sealed partial class RendezvousJson : JsonSerializerContext;
