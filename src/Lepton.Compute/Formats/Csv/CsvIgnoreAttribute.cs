namespace Lepton.Compute.Formats;

/// <summary>Leaves a property out of CSV, on read and on write.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CsvIgnoreAttribute : Attribute;
