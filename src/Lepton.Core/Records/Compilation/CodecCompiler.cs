using System.Reflection;
using Lepton.Core.Records.Collections;
using Lepton.Core.Records.Leaves;

namespace Lepton.Core.Records.Compilation;

/// <summary>
/// Makes the codec of one type and of all types within, and finds every reason to refuse it before a value is written.
/// One object serves one call; what it made is published together when all of it succeeded.
/// </summary>
internal sealed class CodecCompiler
{
    /// <summary>
    /// Fields of structs that are coded in place; past it a struct gets code of its own, lest methods grow huge.
    /// </summary>
    private const int InlineFieldsMax = 64;

    private readonly Dictionary<Type, RecordCodec> _made = [];
    private readonly HashSet<Type> _underway = [];
    private readonly HashSet<Type> _recursive = [];
    private readonly List<PathStep> _path = [];

    private CodecCompiler()
    {
    }

    /// <exception cref="UncodableTypeException">The type, or a member of it, can't be coded.</exception>
    public static RecordCodec Compile(Type type)
    {
        if (CodecCache.Find(type) is RecordCodec kept)
        {
            return kept;
        }

        var compiler = new CodecCompiler();
        compiler._path.Add(new PathStep(null, type));
        RecordCodec codec = compiler.Codec(type);
        foreach (KeyValuePair<Type, RecordCodec> made in compiler._made)
        {
            CodecCache.Keep(made.Key, made.Value);
        }

        return CodecCache.Keep(type, codec);
    }

    /// <summary>As <see cref="Compile"/>, with null for types that are refused.</summary>
    public static RecordCodec? TryCompile(Type type)
    {
        try
        {
            return Compile(type);
        }
        catch (UncodableTypeException)
        {
            return null;
        }
    }

    private RecordCodec Codec(Type type)
    {
        if (_made.TryGetValue(type, out RecordCodec? made))
        {
            if (_underway.Contains(type))
            {
                // Every cycle of types is closed by some type that is met again while underway: counting levels there
                // is enough.
                _recursive.Add(type);
            }

            return made;
        }

        if (CodecCache.Find(type) is RecordCodec kept)
        {
            return kept;
        }

        RecordCodec codec =
            type.GetCustomAttribute<RecordCodecAttribute>() is { } own
                ? (RecordCodec)Activator.CreateInstance(own.Codec, nonPublic: true)!
            : LeafCatalog.Find(type) is Leaf leaf ? New(typeof(LeafCodec<,>), [type, leaf.Type], leaf.BytesMin)
            : CollectionCatalog.Find(type) is CollectionShape shape ? Collection(shape)
            : Composite(type);
        _made[type] = codec;
        return codec;
    }

    private RecordCodec Collection(CollectionShape shape)
    {
        object[] parts = new object[shape.Parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            PathStep part = shape.Parts[i];
            if (part.Name is not null)
            {
                _path.Add(part);
            }

            parts[i] = Codec(part.Type);
            if (part.Name is not null)
            {
                _path.RemoveAt(_path.Count - 1);
            }
        }

        return New(shape.Codec, shape.Arguments, parts);
    }

    private RecordCodec Composite(Type type)
    {
        Refuse(type);
        RecordCodec codec = New(typeof(CompiledCodec<>), [type]);
        _made[type] = codec;
        _underway.Add(type);
        List<RecordCodec> closure = [];
        int inlineLeft = InlineFieldsMax;
        int bytesMin = 0;
        List<FieldPlan> fields = Plan(type, closure, ref inlineLeft, ref bytesMin);
        _underway.Remove(type);
        bytesMin = type.IsValueType ? Math.Max(1, bytesMin) : 1;
        ((ICompiledCodec)codec).Complete(
            new CompositePlan(type, fields, [.. closure], bytesMin, _recursive.Contains(type)));
        return codec;
    }

    private List<FieldPlan> Plan(Type type, List<RecordCodec> closure, ref int inlineLeft, ref int bytesMin)
    {
        var plans = new List<FieldPlan>();
        foreach (FieldInfo field in RecordFields.Of(type))
        {
            Type fieldType = field.FieldType;
            if (LeafCatalog.Find(fieldType) is Leaf leaf)
            {
                plans.Add(new FieldPlan(field, leaf.Type, null, 0));
                bytesMin += leaf.BytesMin;
                continue;
            }

            _path.Add(new PathStep(field.Name, fieldType));
            if (inlineLeft > 0 && CanInline(fieldType))
            {
                Refuse(fieldType);
                int before = bytesMin;
                List<FieldPlan> inner = Plan(fieldType, closure, ref inlineLeft, ref bytesMin);
                bytesMin = Math.Max(bytesMin, before + 1);
                inlineLeft -= inner.Count;
                plans.Add(new FieldPlan(field, null, inner, 0));
            }
            else
            {
                RecordCodec codec = Codec(fieldType);
                plans.Add(new FieldPlan(field, null, null, closure.Count));
                closure.Add(codec);
                bytesMin += codec.BytesMin;
            }

            _path.RemoveAt(_path.Count - 1);
        }

        return plans;
    }

    /// <summary>A struct's fields go between those of the record that holds it, unless it says itself how it
    /// travels.</summary>
    private static bool CanInline(Type type) =>
        type.IsValueType && CollectionCatalog.Find(type) is null &&
        !type.IsDefined(typeof(RecordCodecAttribute), inherit: false);

    private void Refuse(Type type)
    {
        if (Refusals.Find(type) is not string reason)
        {
            return;
        }

        if (_path.Count == 1)
        {
            throw new UncodableTypeException(type, [], reason);
        }

        string[] path = [.. _path.Select(step => step.ToString())];
        path[^1] = _path[^1].Label;
        throw new UncodableTypeException(type, path, $"{reason} {Refusals.LeaveOutAdvice}");
    }

    private static RecordCodec New(Type definition, Type[] arguments, params object[] parts) =>
        (RecordCodec)Activator.CreateInstance(definition.MakeGenericType(arguments), parts)!;
}
