using System.Reflection;
using Lepton.Core;
using Lepton.Core.Records;

namespace Lepton.Compute.Functions;

/// <summary>Writes one graph that a <see cref="CaptureSurvey"/> has passed.</summary>
internal sealed class GraphWriter(RecordWriter writer, TypeWriter types, SendRules rules, CaptureSurvey survey)
{
    private readonly Dictionary<object, int> _numbers = new(ReferenceEqualityComparer.Instance);

    /// <summary>
    /// Writes a value: its tag, its type unless that is <paramref name="declared"/>, and its content. Objects that can
    /// be met again take a number, in the order in which they are first met.
    /// </summary>
    public void WriteValue(object? value, Type declared)
    {
        if (value is null)
        {
            writer.WriteByte(GraphTag.Null);
            return;
        }

        Type type = value.GetType();
        SendRule rule = rules.For(type);
        if (rule.Kind == SendKind.Type)
        {
            writer.WriteByte((byte)SendKind.Type);
            types.Write((Type)value);
            return;
        }

        if (rule.Kind == SendKind.Leaf)
        {
            writer.WriteByte((byte)SendKind.Leaf);
            types.Write(type, declared);
            rule.Codec!.WriteObject(writer, value);
            return;
        }

        if (!type.IsValueType)
        {
            if (_numbers.TryGetValue(value, out int number))
            {
                writer.WriteByte(GraphTag.Reference);
                writer.WriteVarUInt64((ulong)number);
                return;
            }

            _numbers.Add(value, _numbers.Count);
        }

        WriteObject(value, type, declared, rule);
    }

    private void WriteObject(object value, Type type, Type declared, SendRule rule)
    {
        if (survey.TryGetBulk(value, out ReadOnlySpan<byte> bytes))
        {
            writer.WriteByte((byte)SendKind.Bulk);
            types.Write(type, declared);
            writer.WriteRaw(bytes);
            return;
        }

        if (rule.Kind == SendKind.Bulk)
        {
            rule = SendRules.OneByOne(type);
        }

        writer.WriteByte((byte)rule.Kind);
        types.Write(type, declared);
        switch (rule.Kind)
        {
            case SendKind.Array:
                WriteArray((Array)value);
                break;
            case SendKind.Hashed:
                WriteValue(rule.Shape!.Comparer(value), typeof(object));
                WriteArray(rule.Shape.Entries(value));
                break;
            case SendKind.Rebuilt:
                writer.WriteByte(rule.Rebuilder!.Id);
                WriteArray(rule.Rebuilder.Parts(value)!);
                break;
            case SendKind.Delegate:
                WriteFunction((Delegate)value);
                break;
            default:
                Invariant.Check(rule.Kind == SendKind.Fields);
                WriteFields(value, rule);
                break;
        }
    }

    private void WriteArray(Array array)
    {
        for (int dimension = 0; dimension < array.Rank; dimension++)
        {
            writer.WriteVarUInt64((ulong)array.GetLength(dimension));
        }

        Type declared = array.GetType().GetElementType()!;
        foreach (object? element in array)
        {
            WriteValue(element, declared);
        }
    }

    private void WriteFields(object value, SendRule rule)
    {
        IEnumerable<int> needed = survey.NeededFields(value)
            ?? Enumerable.Range(0, rule.Fields!.Length).Where(i => rule.IsSent![i]);
        foreach (int i in needed)
        {
            FieldInfo field = rule.Fields![i];
            writer.WriteVarUInt64((ulong)i + 1);
            WriteValue(field.GetValue(value), field.FieldType);
        }

        writer.WriteVarUInt64(0);
    }

    private void WriteFunction(Delegate function)
    {
        MethodInfo method = function.Method;
        Type owner = method.DeclaringType!;
        types.Write(owner);
        if (Modules.IsFramework(owner.Assembly))
        {
            writer.WriteString((method.IsGenericMethod ? method.GetGenericMethodDefinition() : method).ToString()!);
        }
        else
        {
            writer.WriteVarUInt64((ulong)method.MetadataToken);
        }

        foreach (Type argument in method.IsGenericMethod ? method.GetGenericArguments() : [])
        {
            types.Write(argument);
        }

        WriteValue(function.Target, typeof(object));
    }
}
