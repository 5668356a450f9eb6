using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Lepton.Core.Records;

namespace Lepton.Compute.Execution;

/// <summary>
/// Carries an exception to the driver: its type, message, inner exceptions, the fields that records can carry, and the
/// remote stack. A type that the driver does not know, or that can't do without a field that does not travel, arrives
/// as a <see cref="RemoteException"/> that names it.
/// </summary>
internal static class ExceptionCodec
{
    private const int InnerDepthMax = 8;
    private const int InnersMax = 100;

    // An exception is an answer, not a way to carry data: what is larger is cut off or left out.
    private const int TextCharsMax = 64 << 10;
    private const int FieldBytesMax = 64 << 10;
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Never throws for what the exception is made of: an answer must go out, if with less in it.</summary>
    public static byte[] Encode(Exception e)
    {
        using var writer = new RecordWriter();
        try
        {
            Write(writer, e, 0);
        }
        catch (Exception)
        {
            writer.Clear();
            var stead = new RemoteException(e.GetType().FullName ?? e.GetType().Name, MessageOf(e));
            WriteHead(writer, stead, StackOf(e), e.HResult);
            WriteFields(writer, stead);
            writer.WriteVarUInt64(0);
        }

        return writer.WrittenSpan.ToArray();
    }

    /// <summary>An exception's message, also where its type fails to give it; cut off where it is very long.</summary>
    public static string MessageOf(Exception e) => TextOf(e, static e => e.Message, "Message");

    /// <summary>
    /// Gives the exception, and the stack that it had where it was thrown; the caller hands it on with
    /// <see cref="ExceptionDispatchInfo.SetRemoteStackTrace"/>, which can be done once.
    /// </summary>
    public static (Exception Thrown, string Stack) Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new RecordReader(bytes);
        return Read(ref reader);
    }

    private static void Write(RecordWriter writer, Exception e, int depth)
    {
        WriteHead(writer, e, StackOf(e), e.HResult);
        WriteFields(writer, e);
        List<Exception> inners = depth < InnerDepthMax ? Inners(e) : [];
        writer.WriteVarUInt64((ulong)inners.Count);
        foreach (Exception inner in inners)
        {
            Write(writer, inner, depth + 1);
        }
    }

    private static void WriteHead(RecordWriter writer, Exception e, string stack, int code)
    {
        Type type = e.GetType();
        writer.WriteString(type.AssemblyQualifiedName ?? type.FullName ?? type.Name);
        writer.WriteString(MessageOf(e));
        writer.WriteString(Cut((string?)Base("_message")?.GetValue(e) ?? MessageOf(e)));
        writer.WriteString(stack);
        writer.WriteVarInt64(code);
    }

    private static void WriteFields(RecordWriter writer, Exception e)
    {
        List<(string Name, byte[] Value)> fields = Fields(e);
        writer.WriteVarUInt64((ulong)fields.Count);
        foreach ((string name, byte[] value) in fields)
        {
            writer.WriteString(name);
            writer.WriteBytes(value);
        }
    }

    private static string StackOf(Exception e) => TextOf(e, static e => e.StackTrace, "StackTrace");

    // Users override these members; what they throw there must not hide what was thrown.
    private static string TextOf(Exception e, Func<Exception, string?> member, string name)
    {
        try
        {
            return Cut(member(e) ?? "");
        }
        catch (Exception thrown)
        {
            return $"({e.GetType()}.{name} threw {thrown.GetType()})";
        }
    }

    private static string Cut(string text) => text.Length <= TextCharsMax
        ? text
        : $"{text.AsSpan(0, TextCharsMax)}… ({text.Length - TextCharsMax:N0} more characters)";

    private static List<Exception> Inners(Exception e) =>
        e is AggregateException many ? [.. many.InnerExceptions.Take(InnersMax)]
        : e.InnerException is { } one ? [one]
        : [];

    private static (Exception Thrown, string Stack) Read(ref RecordReader reader)
    {
        string typeName = reader.ReadString();
        string message = reader.ReadString();
        string baseMessage = reader.ReadString();
        string stack = reader.ReadString();
        int code = (int)reader.ReadVarInt64();
        var fields = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        for (int count = reader.ReadLength(2); count > 0; count--)
        {
            string name = reader.ReadString();
            fields[name] = reader.ReadBytes().ToArray();
        }

        var inners = new Exception[reader.ReadLength(1)];
        for (int i = 0; i < inners.Length; i++)
        {
            (inners[i], string innerStack) = Read(ref reader);
            if (innerStack.Length > 0)
            {
                ExceptionDispatchInfo.SetRemoteStackTrace(inners[i], innerStack);
            }
        }

        Exception e = TryRebuild(typeName, baseMessage, fields, inners)
            ?? new RemoteException(typeName.Split(',')[0], message, inners.FirstOrDefault());
        e.HResult = code;
        return (e, stack);
    }

    private static Exception? TryRebuild(
        string typeName, string message, Dictionary<string, byte[]> fields, Exception[] inners)
    {
        Type? type = Type.GetType(typeName, FindAssembly, null, throwOnError: false);
        if (type is null || !type.IsAssignableTo(typeof(Exception)) || type.IsAbstract)
        {
            return null;
        }

        var e = (Exception)RuntimeHelpers.GetUninitializedObject(type);
        SetBase(e, "_message", message);
        SetBase(e, "_innerException", inners.FirstOrDefault());
        if (e is AggregateException)
        {
            typeof(AggregateException).GetField("_innerExceptions", Declared)?.SetValue(e, inners);
        }

        foreach ((FieldInfo field, string name) in CodableFields(type))
        {
            if (fields.TryGetValue(name, out byte[]? bytes) && !TryRead(field, e, bytes))
            {
                return null;
            }
        }

        return CanSpeak(e) ? e : null;
    }

    private static bool TryRead(FieldInfo field, Exception e, byte[] bytes)
    {
        try
        {
            var reader = new RecordReader(bytes);
            field.SetValue(e, RecordCodec.For(field.FieldType).ReadObject(ref reader));
            return true;
        }
        catch (Exception)
        {
            // Its own codec wrote what it can't read.
            return false;
        }
    }

    // A field that did not travel is null, also where the type's constructor never leaves it so.
    private static bool CanSpeak(Exception e)
    {
        try
        {
            return e.ToString() is not null;
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            return false;
        }
    }

    private static Assembly? FindAssembly(AssemblyName name) =>
        AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(a => a.GetName().Name == name.Name);

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
            if (TryWrite(field, e, writer) && writer.Length <= FieldBytesMax)
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
        catch (Exception)
        {
            // A field that can't travel (a stream, a subclass), or whose own codec fails: the exception goes without
            // it.
            return false;
        }
    }

    [SuppressMessage("Performance", "CA1859",
        Justification = "The lazy sequence stops at the first use that needs no more.")]
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
        catch (Exception)
        {
            // Refused, or its own codec can't be made.
            return false;
        }
    }
}
