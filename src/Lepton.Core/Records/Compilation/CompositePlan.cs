using System.Reflection;

namespace Lepton.Core.Records.Compilation;

/// <summary>
/// How one field is coded: by a leaf, field by field (a struct inside), or by the codec in a slot of the closure.
/// </summary>
internal sealed class FieldPlan(FieldInfo field, Type? leaf, List<FieldPlan>? inline, int slot)
{
    public FieldInfo Field { get; } = field;

    public Type? Leaf { get; } = leaf;

    public List<FieldPlan>? Inline { get; } = inline;

    /// <summary>The place of the codec, where the other two are null.</summary>
    public int Slot { get; } = slot;
}

/// <summary>What the compiler found out about a record, class or struct, ready to be turned into code.</summary>
internal sealed class CompositePlan(
    Type type, List<FieldPlan> fields, RecordCodec[] closure, int bytesMin, bool recursive)
{
    public Type Type { get; } = type;

    /// <summary>Its fields, in the order in which they are written.</summary>
    public List<FieldPlan> Fields { get; } = fields;

    /// <summary>The codecs that its code calls.</summary>
    public RecordCodec[] Closure { get; } = closure;

    /// <summary>The fewest bytes that a value takes.</summary>
    public int BytesMin { get; } = bytesMin;

    /// <summary>True when values can nest without end, so that levels must be counted.</summary>
    public bool Recursive { get; } = recursive;
}
