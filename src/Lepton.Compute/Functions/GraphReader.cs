using System.Reflection;
using System.Runtime.CompilerServices;
using Lepton.Core.Records;

namespace Lepton.Compute.Functions;

/// <summary>Reads one graph, as a <see cref="GraphWriter"/> wrote it.</summary>
internal sealed class GraphReader(TypeReader types)
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly List<object?> _objects = [];
    private readonly Dictionary<Type, FieldInfo[]> _fields = [];
    private int _depth;

    /// <summary>Reads a value.</summary>
    /// <param name="reader">Where it stands.</param>
    /// <param name="declared">The type that the field or array declares.</param>
    /// <param name="created">
    /// Called with the object as soon as it exists, before it is filled: a delegate must be made of its target then,
    /// because the target's fields may lead back to it.
    /// </param>
    public object? ReadValue(ref RecordReader reader, Type declared, Action<object?>? created)
    {
        if (++_depth > CaptureSurvey.DepthMax * 2 || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new CorruptRecordException($"Objects hang below each other too deep at byte {reader.Position} of " +
                "a function.");
        }

        byte tag = reader.ReadByte();
        object? value = tag switch
        {
            GraphTag.Null => null,
            GraphTag.Reference => ReadReference(ref reader),
            (byte)SendKind.Type => types.Read(ref reader),
            (byte)SendKind.Leaf => RecordCodec.For(types.Read(ref reader, declared)).ReadObject(ref reader),
            (byte)SendKind.Bulk => ReadBulk(ref reader, declared),
            (byte)SendKind.Array => ReadArrayObject(ref reader, declared, created),
            (byte)SendKind.Hashed => ReadHashed(ref reader, declared, created),
            (byte)SendKind.Fields => ReadFields(ref reader, declared, created),
            (byte)SendKind.Rebuilt => ReadRebuilt(ref reader, declared),
            (byte)SendKind.Delegate => ReadFunction(ref reader, declared),
            _ => throw new CorruptRecordException($"Tag {tag} before byte {reader.Position} of a function is " +
                "unknown: the data is damaged, or driver and worker are of different versions of Lepton."),
        };
        if (tag is not ((byte)SendKind.Array or (byte)SendKind.Hashed or (byte)SendKind.Fields))
        {
            created?.Invoke(value);
        }

        _depth--;
        return value;
    }

    private object ReadReference(ref RecordReader reader)
    {
        ulong number = reader.ReadVarUInt64();
        return number < (ulong)_objects.Count && _objects[(int)number] is { } known
            ? known
            : throw new CorruptRecordException(
                $"Object {number}, which byte {reader.Position} of a function refers to, has not come yet.");
    }

    private object? ReadBulk(ref RecordReader reader, Type declared)
    {
        int number = Reserve();
        object? value = RecordCodec.For(types.Read(ref reader, declared)).ReadObject(ref reader);
        _objects[number] = value;
        return value;
    }

    private Array ReadArrayObject(ref RecordReader reader, Type declared, Action<object?>? created)
    {
        int number = Reserve();
        Array array = CreateArray(ref reader, types.Read(ref reader, declared));
        _objects[number] = array;
        created?.Invoke(array);
        Fill(ref reader, array);
        return array;
    }

    private static Array CreateArray(ref RecordReader reader, Type type)
    {
        int[] lengths = new int[type.GetArrayRank()];
        long total = 1;
        for (int i = 0; i < lengths.Length; i++)
        {
            lengths[i] = (int)Math.Min(reader.ReadVarUInt64(), int.MaxValue);
            total = Math.Min(total * lengths[i], int.MaxValue);
        }

        if (total > reader.Remaining)
        {
            throw new CorruptRecordException($"An array of {total:N0} elements stands before byte {reader.Position} " +
                $"of a function, but only {reader.Remaining:N0} bytes follow.");
        }

        return Array.CreateInstance(type.GetElementType()!, lengths);
    }

    private void Fill(ref RecordReader reader, Array array)
    {
        Type declared = array.GetType().GetElementType()!;
        if (array.Rank == 1)
        {
            for (int i = 0; i < array.Length; i++)
            {
                array.SetValue(ReadValue(ref reader, declared, created: null), i);
            }

            return;
        }

        int[] index = new int[array.Rank];
        for (int n = 0; n < array.Length; n++)
        {
            int rest = n;
            for (int dimension = array.Rank - 1; dimension >= 0; dimension--)
            {
                (rest, index[dimension]) = Math.DivRem(rest, array.GetLength(dimension));
            }

            array.SetValue(ReadValue(ref reader, declared, created: null), index);
        }
    }

    private object ReadHashed(ref RecordReader reader, Type declared, Action<object?>? created)
    {
        int number = Reserve();
        Type type = types.Read(ref reader, declared);
        HashedShape shape = HashedShape.For(type)
            ?? throw new CorruptRecordException($"{TypeText.Full(type)} before byte {reader.Position} is no " +
                "dictionary or set.");
        object? comparer = ReadValue(ref reader, typeof(object), created: null);
        object? empty = shape.Empty(comparer);
        _objects[number] = empty;
        if (empty is not null)
        {
            created?.Invoke(empty);
        }

        Array entries = CreateArray(ref reader, shape.EntryType.MakeArrayType());
        Fill(ref reader, entries);
        object collection = shape.Fill(empty, comparer, entries);
        _objects[number] = collection;
        if (empty is null)
        {
            created?.Invoke(collection);
        }

        return collection;
    }

    private object ReadFields(ref RecordReader reader, Type declared, Action<object?>? created)
    {
        // A struct is met once only; what refers to it holds a copy.
        Type type = types.Read(ref reader, declared);
        object value = RuntimeHelpers.GetUninitializedObject(type);
        if (!type.IsValueType)
        {
            // What was not constructed must not be finalized either.
#pragma warning disable CA1816 // The rule has Dispose methods in mind.
            GC.SuppressFinalize(value);
#pragma warning restore CA1816
            _objects.Add(value);
        }

        created?.Invoke(value);
        if (!_fields.TryGetValue(type, out FieldInfo[]? fields))
        {
            fields = ObjectFields.Of(type);
            _fields.Add(type, fields);
        }

        for (ulong number = reader.ReadVarUInt64(); number != 0; number = reader.ReadVarUInt64())
        {
            if (number > (ulong)fields.Length)
            {
                throw new CorruptRecordException($"Field {number} of {TypeText.Full(type)}, which has " +
                    $"{fields.Length}, stands before byte {reader.Position} of a function: driver and worker run " +
                    "different versions of .NET or of Lepton.");
            }

            FieldInfo field = fields[number - 1];
            field.SetValue(value, ReadValue(ref reader, field.FieldType, created: null));
        }

        return value;
    }

    private object? ReadRebuilt(ref RecordReader reader, Type declared)
    {
        int number = Reserve();
        types.Read(ref reader, declared);
        Rebuilder rebuilder = Rebuilder.Numbered(reader.ReadByte())
            ?? throw new CorruptRecordException($"Byte {reader.Position - 1} of a function is no known kind of " +
                "object.");
        object?[] parts = (object?[])CreateArray(ref reader, typeof(object[]));
        Fill(ref reader, parts);
        object? value = rebuilder.Build(parts);
        _objects[number] = value;
        return value;
    }

    private Delegate ReadFunction(ref RecordReader reader, Type declared)
    {
        int number = Reserve();
        Type type = types.Read(ref reader, declared);
        MethodInfo method = ReadMethod(ref reader);
        ReadValue(ref reader, typeof(object), target => _objects[number] = Bind(type, method, target));
        return (Delegate)_objects[number]!;
    }

    private static Delegate Bind(Type type, MethodInfo method, object? target) =>
        target is null ? method.CreateDelegate(type) : method.CreateDelegate(type, target);

    private MethodInfo ReadMethod(ref RecordReader reader)
    {
        Type owner = types.Read(ref reader);
        MethodInfo? method;
        if (Modules.IsFramework(owner.Assembly))
        {
            string signature = reader.ReadString();
            method = Array.Find(owner.GetMethods(Any), m => m.ToString() == signature);
        }
        else
        {
            MethodBase definition = owner.Module.ResolveMethod((int)reader.ReadVarUInt64())!;
            method = MethodBase.GetMethodFromHandle(definition.MethodHandle, owner.TypeHandle) as MethodInfo;
        }

        if (method is null)
        {
            throw new CorruptRecordException($"The method before byte {reader.Position} is not in " +
                $"{TypeText.Full(owner)} here: driver and worker run different versions of .NET.");
        }

        if (!method.IsGenericMethodDefinition)
        {
            return method;
        }

        Type[] arguments = new Type[method.GetGenericArguments().Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = types.Read(ref reader);
        }

        return method.MakeGenericMethod(arguments);
    }

    private int Reserve()
    {
        _objects.Add(null);
        return _objects.Count - 1;
    }
}
