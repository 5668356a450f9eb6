using System.Reflection;

namespace Lepton.Compute.Functions;

/// <summary>
/// A field, whatever the type arguments of its class: the compiler's code treats all instantiations alike.
/// </summary>
internal readonly record struct FieldKey(Module Module, int Token)
{
    public static FieldKey Of(FieldInfo field) => new(field.Module, field.MetadataToken);
}
