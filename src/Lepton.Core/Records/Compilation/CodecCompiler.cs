using System.Reflection;
using System.Runtime.CompilerServices;
using Lepton.Core.Records.Collections;
using Lepton.Core.Records.Leaves;

namespace Lepton.Core.Records.Compilation;

/// <summary>
/// Makes the codec of one type and of all types within, and finds every reason to refuse it before a value is written.
/// One object serves one call; what it made is published together when all of it succeeded.
/// </summary>
internal sealed class CodecCompiler
{
    /// <summary>Fields of structs that are coded in place; past it a struct gets code of its own, lest methods grow huge.</summary>
    private const int InlineFieldsMax = 64;

    private readonly Dictionary<Type, RecordCodec> _made = [];
    private readonly HashSet<Type> _underway = [];
    private readonly HashSet<Type> _recursive = [];
    private readonly List<(string Name, Type Type)> _path = [];

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
        RecordCodec codec = compiler.Step(TypeNames.Short(type), type, compiler.Codec);
        foreach ((Type made, RecordCodec its) in compiler._made)
        {
            CodecCache.Keep(made, its);
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

    private TResult Step<TResult>(string name, Type type, Func<Type, TResult> next)
    {
        _path.Add((name, type));
        TResult result = next(type);
        _path.RemoveAt(_path.Count - 1);
        return result;
    }

    private RecordCodec Codec(Type type)
    {
        if (_made.TryGetValue(type, out RecordCodec? made))
        {
            if (_underway.Contains(type))
            {
                // Every cycle of types is closed by some type that is met again while underway: counting levels there is enough.
                _recursive.Add(type);
            }

            return made;
        }

        if (CodecCache.Find(type) is RecordCodec kept)
        {
            return kept;
        }

        RecordCodec codec =
            LeafCatalog.Find(type) is Leaf leaf ? New(typeof(LeafCodec<,>), [type, leaf.Type], leaf.BytesMin)
            : CollectionCatalog.Find(type) is CollectionShape shape ? Collection(shape)
            : Composite(type);
        _made[type] = codec;
        return codec;
    }

    private RecordCodec Collection(CollectionShape shape)
    {
        object[] parts = [.. shape.Parts.Select(part => part.Name is null ? Codec(part.Type) : Step(part.Name, part.Type, Codec))];
        return New(shape.Codec, shape.Arguments, parts);
    }

    private RecordCodec Composite(Type type)
    {
        Refuse(type);
        RecordCodec codec = New(typeof(CompiledCodec<>), [type]);
        _made[type] = codec;
        _underway.Add(type);
        List<object?> closure = [type.IsValueType ? null : RuntimeHelpers.GetUninitializedObject(type)];
        int inlineLeft = InlineFieldsMax;
        int bytesMin = 0;
        IReadOnlyList<FieldPlan> fields = Plan(type, closure, ref inlineLeft, ref bytesMin);
        _underway.Remove(type);
        bytesMin = type.IsValueType ? Math.Max(1, bytesMin) : 1;
        ((ICompiledCodec)codec).Complete(
            new CompositePlan(type, fields, [.. closure], bytesMin, _recursive.Contains(type)));
        return codec;
    }

    private List<FieldPlan> Plan(Type type, List<object?> closure, ref int inlineLeft, ref int bytesMin)
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

            _path.Add((RecordFields.NameOf(field), fieldType));
            if (fieldType.IsValueType && inlineLeft > 0 && CollectionCatalog.Find(fieldType) is null)
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

        string[] path = [.. _path.Select(Segment)];
        path[^1] = _path[^1].Name;
        throw new UncodableTypeException(type, path, $"{reason} {Refusals.LeaveOutAdvice}");
    }

    private static string Segment((string Name, Type Type) step)
    {
        string type = TypeNames.Short(step.Type);
        return type == step.Name ? type : $"{step.Name} ({type})";
    }

    private static RecordCodec New(Type definition, Type[] arguments, params object[] parts) =>
        (RecordCodec)Activator.CreateInstance(definition.MakeGenericType(arguments), parts)!;
}
