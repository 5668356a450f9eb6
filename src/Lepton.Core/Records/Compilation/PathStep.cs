namespace Lepton.Core.Records.Compilation;

/// <summary>
/// A step on the way to a type: the name of a field or of a part of a collection (null for the root), and its type.
/// </summary>
internal sealed class PathStep(string? name, Type type)
{
    public string? Name { get; } = name;

    public Type Type { get; } = type;

    /// <summary>The name as the user knows it.</summary>
    public string Label => Name is null ? TypeNames.Short(Type) : RecordFields.SourceName(Name);

    /// <summary>With the type where the name does not say it: <c>Buyer (Customer)</c>.</summary>
    public override string ToString()
    {
        string type = TypeNames.Short(Type);
        return Label == type ? type : $"{Label} ({type})";
    }
}
