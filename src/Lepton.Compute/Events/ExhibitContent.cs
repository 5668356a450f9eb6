using System.Text.Json.Serialization;

namespace Lepton.Compute.Events;

/// <summary>What an <see cref="Exhibit"/> shows: a matrix, bars, facts or text.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind", IgnoreUnrecognizedTypeDiscriminators = true)]
[JsonDerivedType(typeof(MatrixContent), "matrix")]
[JsonDerivedType(typeof(BarsContent), "bars")]
[JsonDerivedType(typeof(ValuesContent), "values")]
[JsonDerivedType(typeof(TextContent), "text")]
public abstract record ExhibitContent;
