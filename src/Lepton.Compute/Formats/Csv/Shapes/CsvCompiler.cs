using System.Reflection;
using System.Reflection.Emit;

namespace Lepton.Compute.Formats;

/// <summary>
/// Compiles rows: straight IL that reads every field into a local, stops if one failed, and then makes the record, so
/// that a constructor never sees a row that isn't whole. No reflection is left when rows are read.
/// </summary>
internal static class CsvCompiler
{
    private const int TupleItemsMax = 7;
    private static readonly MethodInfo HasFailed = typeof(CsvRow).GetProperty(nameof(CsvRow.HasFailed))!.GetMethod!;

    public static Func<CsvRow, T> Parser<T>(CsvMembers shape)
    {
        IReadOnlyList<CsvMember> members = shape.Members;
        (DynamicMethod method, ILGenerator il) = Start(typeof(T), typeof(T), typeof(CsvRow));
        LocalBuilder[] values = [.. members.Select((member, slot) => Read(il, slot, member.Type, member.IsNullableText,
            member.IsOptional))];
        LocalBuilder record = ReturnIfFailed(il, typeof(T));
        if (shape.Constructor is null)
        {
            il.Emit(OpCodes.Ldloca, record);
            il.Emit(OpCodes.Initobj, typeof(T));
        }
        else
        {
            foreach (LocalBuilder value in values.Where((_, slot) => members[slot].IsParameter))
            {
                il.Emit(OpCodes.Ldloc, value);
            }

            il.Emit(OpCodes.Newobj, shape.Constructor);
            il.Emit(OpCodes.Stloc, record);
        }

        for (int slot = 0; slot < members.Count; slot++)
        {
            if (!members[slot].IsParameter)
            {
                il.Emit(typeof(T).IsValueType ? OpCodes.Ldloca : OpCodes.Ldloc, record);
                il.Emit(OpCodes.Ldloc, values[slot]);
                EmitSet(il, members[slot].Property);
            }
        }

        il.Emit(OpCodes.Ldloc, record);
        il.Emit(OpCodes.Ret);
        object?[] defaults = [.. members.Select(member => member.Default)];
        return method.CreateDelegate<Func<CsvRow, T>>(defaults);
    }

    public static Action<CsvRowWriter, T> Writer<T>(CsvMembers shape)
    {
        (DynamicMethod method, ILGenerator il) = Start(typeof(T), null, typeof(CsvRowWriter), typeof(T));
        foreach (CsvMember member in shape.Members)
        {
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(typeof(T).IsValueType ? OpCodes.Ldarga : OpCodes.Ldarg, (short)2);
            EmitGet(il, member.Property);
            il.Emit(OpCodes.Call, FieldMethod(member.Type, member.IsNullableText, "Write"));
        }

        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Action<CsvRowWriter, T>>(Array.Empty<object>());
    }

    /// <summary>The types of a tuple's items, those beyond the seventh included.</summary>
    public static IEnumerable<Type> ItemTypes(Type tuple)
    {
        Type[] arguments = tuple.GetGenericArguments();
        return arguments.Length <= TupleItemsMax ? arguments
            : [.. arguments[..TupleItemsMax], .. ItemTypes(arguments[TupleItemsMax])];
    }

    public static Func<CsvRow, T> TupleParser<T>()
    {
        (DynamicMethod method, ILGenerator il) = Start(typeof(T), typeof(T), typeof(CsvRow));
        LocalBuilder[] values = [.. ItemTypes(typeof(T))
            .Select((type, slot) => Read(il, slot, type, isNullableText: false, isOptional: false))];
        ReturnIfFailed(il, typeof(T));
        foreach (LocalBuilder value in values)
        {
            il.Emit(OpCodes.Ldloc, value);
        }

        // The tuple of the last items is the eighth argument of the one around it: inner constructors come first.
        var nested = new Stack<Type>();
        for (Type type = typeof(T); ; type = type.GetGenericArguments()[TupleItemsMax])
        {
            nested.Push(type);
            if (type.GetGenericArguments().Length <= TupleItemsMax)
            {
                break;
            }
        }

        foreach (Type type in nested)
        {
            il.Emit(OpCodes.Newobj, type.GetConstructor(type.GetGenericArguments())!);
        }

        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<CsvRow, T>>(Array.Empty<object>());
    }

    public static Action<CsvRowWriter, T> TupleWriter<T>()
    {
        (DynamicMethod method, ILGenerator il) = Start(typeof(T), null, typeof(CsvRowWriter), typeof(T));
        int item = 0;
        foreach (Type itemType in ItemTypes(typeof(T)))
        {
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldarga, (short)2);
            Type tuple = typeof(T);
            for (int depth = item / TupleItemsMax; depth > 0; depth--)
            {
                il.Emit(OpCodes.Ldflda, tuple.GetField("Rest")!);
                tuple = tuple.GetGenericArguments()[TupleItemsMax];
            }

            il.Emit(OpCodes.Ldfld, tuple.GetField($"Item{(item % TupleItemsMax) + 1}")!);
            il.Emit(OpCodes.Call, FieldMethod(itemType, isNullableText: false, "Write"));
            item++;
        }

        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Action<CsvRowWriter, T>>(Array.Empty<object>());
    }

    private static (DynamicMethod Method, ILGenerator Il) Start(Type record, Type? result, params Type[] arguments)
    {
        // The first argument is the delegate's own object; visibility is skipped as users' records are often internal.
        var method = new DynamicMethod($"Csv.{record.Name}", result, [typeof(object[]), .. arguments],
            typeof(CsvCompiler).Module, skipVisibility: true);
        return (method, method.GetILGenerator());
    }

    private static LocalBuilder Read(ILGenerator il, int slot, Type type, bool isNullableText, bool isOptional)
    {
        LocalBuilder value = il.DeclareLocal(type);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldc_I4, slot);
        if (isOptional)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4, slot);
            il.Emit(OpCodes.Ldelem_Ref);
        }

        il.Emit(OpCodes.Call, FieldMethod(type, isNullableText, isOptional ? "ReadOr" : "Read"));
        il.Emit(OpCodes.Stloc, value);
        return value;
    }

    private static LocalBuilder ReturnIfFailed(ILGenerator il, Type record)
    {
        LocalBuilder result = il.DeclareLocal(record);
        Label whole = il.DefineLabel();
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Callvirt, HasFailed);
        il.Emit(OpCodes.Brfalse, whole);
        il.Emit(OpCodes.Ldloc, result);
        il.Emit(OpCodes.Ret);
        il.MarkLabel(whole);
        return result;
    }

    private static void EmitGet(ILGenerator il, MemberInfo member)
    {
        if (member is PropertyInfo { GetMethod: { } get })
        {
            il.Emit(get.DeclaringType!.IsValueType ? OpCodes.Call : OpCodes.Callvirt, get);
        }
        else
        {
            il.Emit(OpCodes.Ldfld, (FieldInfo)member);
        }
    }

    private static void EmitSet(ILGenerator il, MemberInfo member)
    {
        if (member is PropertyInfo { SetMethod: { } set })
        {
            il.Emit(set.DeclaringType!.IsValueType ? OpCodes.Call : OpCodes.Callvirt, set);
        }
        else
        {
            il.Emit(OpCodes.Stfld, (FieldInfo)member);
        }
    }

    private static MethodInfo FieldMethod(Type type, bool isNullableText, string name) =>
        (isNullableText ? typeof(CsvNullableText) : typeof(CsvField<>).MakeGenericType(type)).GetMethod(name)!;
}
