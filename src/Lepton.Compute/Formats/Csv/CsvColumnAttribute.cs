namespace Lepton.Compute.Formats;

/// <summary>Names the CSV column of a constructor parameter or property, where its own name doesn't.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class CsvColumnAttribute(string name) : Attribute
{
    /// <summary>The column's name, as in the header.</summary>
    public string Name { get; } = name;
}
