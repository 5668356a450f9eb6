using System.Reflection;

namespace Lepton.Core.Records.Compilation;

/// <summary>
/// How one field is coded: by a leaf, field by field (a struct inside), or by the codec in a slot of the closure.
/// Exactly one of the three is set.
/// </summary>
internal sealed record FieldPlan(FieldInfo Field, Type? Leaf, IReadOnlyList<FieldPlan>? Inline, int Slot);

/// <summary>What the compiler found out about a record, class or struct, ready to be turned into code.</summary>
/// <param name="Type">The type.</param>
/// <param name="Fields">Its fields, in the order in which they are written.</param>
/// <param name="Closure">
/// What the code needs of objects: at 0 an empty instance to be cloned (classes only), then the codecs of fields.
/// </param>
/// <param name="BytesMin">The fewest bytes a value takes.</param>
/// <param name="Recursive">True when values can nest without end, so that levels must be counted.</param>
internal sealed record CompositePlan(
    Type Type, IReadOnlyList<FieldPlan> Fields, object?[] Closure, int BytesMin, bool Recursive);
