using System.Text.Json.Serialization;

namespace Lepton.Training.Parallelism;

/// <summary>What ranks of a mesh tell each other as text. Source-generated.</summary>
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Dictionary<string, double>))]
internal sealed partial class MeshJson : JsonSerializerContext;
