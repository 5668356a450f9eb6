using System.Reflection;
using System.Reflection.Emit;

namespace Lepton.Core.Records.Compilation;

/// <summary>Emits <c>T Read(object[] closure, ref RecordReader reader)</c>.</summary>
internal sealed class ReadEmitter
{
    private readonly ILGenerator _il;
    private readonly CompositePlan _plan;
    private readonly LocalBuilder _value;

    private ReadEmitter(ILGenerator il, CompositePlan plan)
    {
        _il = il;
        _plan = plan;
        _value = il.DeclareLocal(plan.Type);
    }

    public static RecordRead<T> Emit<T>(CompositePlan plan)
    {
        var method = new DynamicMethod(
            $"Read {TypeNames.Short(plan.Type)}",
            typeof(T),
            [typeof(object[]), typeof(RecordReader).MakeByRefType()],
            typeof(RecordCodec).Module,
            skipVisibility: true);
        new ReadEmitter(method.GetILGenerator(), plan).Body();
        return method.CreateDelegate<RecordRead<T>>(plan.Closure);
    }

    private void Body()
    {
        Label end = _il.DefineLabel();
        if (!_plan.Type.IsValueType)
        {
            // The local is null at the start, as all locals are here.
            _il.Emit(OpCodes.Ldarg_1);
            _il.Emit(OpCodes.Call, Members.ReadBoolean);
            _il.Emit(OpCodes.Brfalse, end);
            Closure(0);
            _il.Emit(OpCodes.Call, Members.MemberwiseClone_);
            _il.Emit(OpCodes.Stloc, _value);
        }

        if (_plan.Recursive)
        {
            // No finally: after an exception the reader is of no use.
            _il.Emit(OpCodes.Ldarg_1);
            _il.Emit(OpCodes.Call, Members.ReaderEnter);
        }

        Fields(_plan.Fields, []);
        if (_plan.Recursive)
        {
            _il.Emit(OpCodes.Ldarg_1);
            _il.Emit(OpCodes.Call, Members.ReaderLeave);
        }

        _il.MarkLabel(end);
        _il.Emit(OpCodes.Ldloc, _value);
        _il.Emit(OpCodes.Ret);
    }

    private void Closure(int slot)
    {
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldc_I4, slot);
        _il.Emit(OpCodes.Ldelem_Ref);
    }

    private void Fields(IReadOnlyList<FieldPlan> fields, FieldInfo[] outer)
    {
        if (fields.Count == 0)
        {
            _il.Emit(OpCodes.Ldarg_1);
            _il.Emit(OpCodes.Ldc_I4_0);
            _il.Emit(OpCodes.Call, Members.ReadTag);
            _il.Emit(OpCodes.Pop);
        }

        foreach (FieldPlan field in fields)
        {
            if (field.Inline is not null)
            {
                Fields(field.Inline, [.. outer, field.Field]);
                continue;
            }

            _il.Emit(_plan.Type.IsValueType ? OpCodes.Ldloca : OpCodes.Ldloc, _value);
            foreach (FieldInfo step in outer)
            {
                _il.Emit(OpCodes.Ldflda, step);
            }

            if (field.Leaf is null)
            {
                Closure(field.Slot);
            }

            _il.Emit(OpCodes.Ldarg_1);
            if (field.Leaf is null)
            {
                _il.Emit(OpCodes.Callvirt, Members.CodecRead(field.Field.FieldType));
            }
            else
            {
                _il.Emit(OpCodes.Call, Members.LeafRead(field.Leaf));
            }

            _il.Emit(OpCodes.Stfld, field.Field);
        }
    }
}
