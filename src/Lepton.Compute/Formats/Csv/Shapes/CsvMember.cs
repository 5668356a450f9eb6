using System.Reflection;

namespace Lepton.Compute.Formats;

/// <summary>A member of a record that is a column.</summary>
/// <param name="Name">The column's name: the member's, or that of its attribute.</param>
/// <param name="Type">What the field holds.</param>
/// <param name="Property">The property or field that has the value.</param>
/// <param name="IsParameter">Whether the constructor takes it.</param>
/// <param name="IsNullableText">Whether it is a string that may be null.</param>
/// <param name="IsOptional">Whether the file may lack the column.</param>
/// <param name="Default">The value then.</param>
internal sealed record CsvMember(
    string Name, Type Type, MemberInfo Property, bool IsParameter, bool IsNullableText, bool IsOptional,
    object? Default);
