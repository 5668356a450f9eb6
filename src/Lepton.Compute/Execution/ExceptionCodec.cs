using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Lepton.Core.Records;

namespace Lepton.Compute.Execution;

/// <summary>
/// Carries an exception to the driver: its type, message, inner exceptions, the fields that records can carry, and the remote stack.
/// A type that the driver does not know arrives as a <see cref="RemoteException"/> that names it.
/// </summary>
internal static class ExceptionCodec
{
    private const int InnerDepthMax = 8;
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static byte[] Encode(Exception e)
    {
        using var writer = new RecordWriter();
        Write(writer, e, 0);
        return writer.WrittenSpan.ToArray();
    }

    public static Exception Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new RecordReader(bytes);
        return Read(ref reader);
    }

    private static void Write(RecordWriter writer, Exception e, int depth)
    {
        Type type = e.GetType();
        writer.WriteString(type.AssemblyQualifiedName ?? type.FullName ?? type.Name);
        writer.WriteString(e.Message);
        writer.WriteString(BaseMessage(e));
        writer.WriteString(e.StackTrace ?? "");
        List<(string Name, byte[] Value)> fields = Fields(e);
        writer.WriteVarUInt64((ulong)fields.Count);
        foreach ((string name, byte[] value) in fields)
        {
            writer.WriteString(name);
            writer.WriteBytes(value);
        }

        bool inner = e.InnerException is not null && depth < InnerDepthMax;
        writer.WriteBoolean(inner);
        if (inner)
        {
            Write(writer, e.InnerException!, depth + 1);
        }
    }

    private static Exception Read(ref RecordReader reader)
    {
        string typeName = reader.ReadString();
        string message = reader.ReadString();
        string baseMessage = reader.ReadString();
        string stack = reader.ReadString();
        var fields = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        for (int count = reader.ReadLength(2); count > 0; count--)
        {
            string name = reader.ReadString();
            fields[name] = reader.ReadBytes().ToArray();
        }

        Exception? inner = reader.ReadBoolean() ? Read(ref reader) : null;
        Exception e = TryRebuild(typeName, baseMessage, fields, inner)
            ?? new RemoteException(typeName.Split(',')[0], message, inner);
        if (stack.Length > 0)
        {
            ExceptionDispatchInfo.SetRemoteStackTrace(e, stack);
        }

        return e;
    }

    private static Exception? TryRebuild(
        string typeName, string message, Dictionary<string, byte[]> fields, Exception? inner)
    {
        Type? type = Type.GetType(typeName, FindAssembly, null, throwOnError: false);
        if (type is null || !type.IsAssignableTo(typeof(Exception)) || type.IsAbstract)
        {
            return null;
        }

        var e = (Exception)RuntimeHelpers.GetUninitializedObject(type);
        SetBase(e, "_message", message);
        SetBase(e, "_innerException", inner);
        foreach ((FieldInfo field, string name) in CodableFields(type))
        {
            if (fields.TryGetValue(name, out byte[]? bytes))
            {
                var reader = new RecordReader(bytes);
                field.SetValue(e, RecordCodec.For(field.FieldType).ReadObject(ref reader));
            }
        }

        return e;
    }

    private static Assembly? FindAssembly(AssemblyName name) =>
        AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(a => a.GetName().Name == name.Name);

    private static string BaseMessage(Exception e) => (string?)Base("_message")?.GetValue(e) ?? e.Message;

    private static void SetBase(Exception e, string field, object? value) => Base(field)?.SetValue(e, value);

    private static FieldInfo? Base(string name) =>
        typeof(Exception).GetField(name, BindingFlags.Instance | BindingFlags.NonPublic);

    private static List<(string Name, byte[] Value)> Fields(Exception e)
    {
        var fields = new List<(string, byte[])>();
        using var writer = new RecordWriter();
        foreach ((FieldInfo field, string name) in CodableFields(e.GetType()))
        {
            writer.Clear();
            if (TryWrite(field, e, writer))
            {
                fields.Add((name, writer.WrittenSpan.ToArray()));
            }
        }

        return fields;
    }

    private static bool TryWrite(FieldInfo field, Exception e, RecordWriter writer)
    {
        try
        {
            RecordCodec.For(field.FieldType).WriteObject(writer, field.GetValue(e));
            return true;
        }
        catch (Exception refused) when (refused is UncodableTypeException or UncodableValueException)
        {
            // A field that can't travel (a stream, a subclass): the exception goes without it.
            return false;
        }
    }

    [SuppressMessage("Performance", "CA1859", Justification = "The lazy sequence stops at the first use that needs no more.")]
    private static IEnumerable<(FieldInfo Field, string Name)> CodableFields(Type type)
    {
        for (Type? t = type; t is not null && t != typeof(Exception); t = t.BaseType)
        {
            foreach (FieldInfo field in t.GetFields(Declared))
            {
                if (IsCodable(field.FieldType))
                {
                    yield return (field, $"{t.Name}.{field.Name}");
                }
            }
        }
    }

    private static bool IsCodable(Type type)
    {
        try
        {
            RecordCodec.For(type);
            return true;
        }
        catch (UncodableTypeException)
        {
            return false;
        }
    }
}
