using System.Reflection;
using System.Reflection.Emit;

namespace Lepton.Core.Records.Compilation;

/// <summary>Emits <c>void Write(object[] closure, RecordWriter writer, ref T value)</c>.</summary>
internal sealed class WriteEmitter
{
    private readonly ILGenerator _il;
    private readonly CompositePlan _plan;
    private readonly LocalBuilder? _object;

    private WriteEmitter(ILGenerator il, CompositePlan plan)
    {
        _il = il;
        _plan = plan;
        _object = plan.Type.IsValueType ? null : il.DeclareLocal(plan.Type);
    }

    public static RecordWrite<T> Emit<T>(CompositePlan plan)
    {
        var method = new DynamicMethod(
            $"Write {TypeNames.Short(plan.Type)}",
            typeof(void),
            [typeof(object[]), typeof(RecordWriter), typeof(T).MakeByRefType()],
            typeof(RecordCodec).Module,
            skipVisibility: true);
        new WriteEmitter(method.GetILGenerator(), plan).Body();
        return method.CreateDelegate<RecordWrite<T>>(plan.Closure);
    }

    private void Body()
    {
        Label end = _il.DefineLabel();
        if (_object is not null)
        {
            NullCheck(end);
            if (!_plan.Type.IsSealed)
            {
                ExactTypeCheck();
            }

            Tag(1);
        }

        if (_plan.Recursive)
        {
            _il.Emit(OpCodes.Ldarg_1);
            _il.Emit(OpCodes.Ldtoken, _plan.Type);
            _il.Emit(OpCodes.Call, Members.WriterEnter);
            _il.BeginExceptionBlock();
            Fields(_plan.Fields, []);
            _il.BeginFinallyBlock();
            _il.Emit(OpCodes.Ldarg_1);
            _il.Emit(OpCodes.Call, Members.WriterLeave);
            _il.EndExceptionBlock();
        }
        else
        {
            Fields(_plan.Fields, []);
        }

        _il.MarkLabel(end);
        _il.Emit(OpCodes.Ret);
    }

    private void NullCheck(Label end)
    {
        Label present = _il.DefineLabel();
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Ldind_Ref);
        _il.Emit(OpCodes.Stloc, _object!);
        _il.Emit(OpCodes.Ldloc, _object!);
        _il.Emit(OpCodes.Brtrue, present);
        Tag(0);
        _il.Emit(OpCodes.Br, end);
        _il.MarkLabel(present);
    }

    private void ExactTypeCheck()
    {
        Label exact = _il.DefineLabel();
        _il.Emit(OpCodes.Ldloc, _object!);
        _il.Emit(OpCodes.Callvirt, Members.GetType_);
        _il.Emit(OpCodes.Ldtoken, _plan.Type);
        _il.Emit(OpCodes.Call, Members.TypeFromHandle);
        _il.Emit(OpCodes.Beq, exact);
        _il.Emit(OpCodes.Ldloc, _object!);
        _il.Emit(OpCodes.Ldtoken, _plan.Type);
        _il.Emit(OpCodes.Call, Members.ThrowSubclass);
        _il.MarkLabel(exact);
    }

    private void Tag(int value)
    {
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Ldc_I4, value);
        _il.Emit(OpCodes.Call, Members.WriteByte);
    }

    private void Fields(IReadOnlyList<FieldPlan> fields, FieldInfo[] outer)
    {
        if (fields.Count == 0)
        {
            // Every value takes a byte, so that a count of empty structs can be checked against the bytes that follow.
            Tag(0);
        }

        foreach (FieldPlan field in fields)
        {
            if (field.Inline is not null)
            {
                Fields(field.Inline, [.. outer, field.Field]);
                continue;
            }

            MethodInfo write;
            if (field.Leaf is not null)
            {
                write = Members.LeafWrite(field.Leaf);
            }
            else
            {
                _il.Emit(OpCodes.Ldarg_0);
                _il.Emit(OpCodes.Ldc_I4, field.Slot);
                _il.Emit(OpCodes.Ldelem_Ref);
                write = Members.CodecWrite(field.Field.FieldType);
            }

            _il.Emit(OpCodes.Ldarg_1);
            Load(field.Field, outer);
            _il.Emit(field.Leaf is null ? OpCodes.Callvirt : OpCodes.Call, write);
        }
    }

    private void Load(FieldInfo field, FieldInfo[] outer)
    {
        if (_object is null)
        {
            _il.Emit(OpCodes.Ldarg_2);
        }
        else
        {
            _il.Emit(OpCodes.Ldloc, _object);
        }

        foreach (FieldInfo step in outer)
        {
            _il.Emit(OpCodes.Ldflda, step);
        }

        _il.Emit(OpCodes.Ldfld, field);
    }
}
