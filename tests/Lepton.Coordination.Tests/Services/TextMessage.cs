using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Lepton.Coordination.Tests.Services;

/// <summary>
/// Messages as text, on one line: <c>key: "a" header { revision: 2 }</c>. Bytes and strings are quoted, with
/// <c>\xNN</c> for what can't be read. Reading and writing go by the messages' descriptors.
/// </summary>
internal static class TextMessage
{
    // Who answered differs from server to server and is left out.
    private static readonly HashSet<string> Hidden = ["cluster_id", "member_id", "raft_term"];

    public static string Format(IMessage message)
    {
        List<string> parts = [];
        foreach (FieldDescriptor field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            object? value = field.Accessor.GetValue(message);
            if (field.IsRepeated)
            {
                foreach (object? item in (System.Collections.IEnumerable)value)
                {
                    parts.Add(Format(field, item));
                }
            }
            else if (!Hidden.Contains(field.Name) && !IsDefault(field, message, value))
            {
                parts.Add(Format(field, value));
            }
        }

        return string.Join(' ', parts);
    }

    public static T Parse<T>(string text)
        where T : IMessage, new()
    {
        T message = new();
        int at = 0;
        Fill(message, text, ref at);
        Assert.True(at == text.Length, $"'{text}' is no whole message: it can't be read from character {at} on.");
        return message;
    }

    private static bool IsDefault(FieldDescriptor field, IMessage message, object? value) =>
        field.RealContainingOneof is not null
            ? field.RealContainingOneof.Accessor.GetCaseFieldDescriptor(message) != field
            : value switch
            {
                null => true,
                ByteString bytes => bytes.IsEmpty,
                string s => s.Length == 0,
                bool b => !b,
                Enum e => Convert.ToInt32(e, CultureInfo.InvariantCulture) == 0,
                IMessage => false,
                _ => Convert.ToDecimal(value, CultureInfo.InvariantCulture) == 0,
            };

    private static string Format(FieldDescriptor field, object? value) => value switch
    {
        IMessage inner => Format(inner) is { Length: > 0 } text ? $"{field.Name} {{ {text} }}" : $"{field.Name} {{ }}",
        ByteString bytes => $"{field.Name}: {Quote(bytes.Span)}",
        string s => $"{field.Name}: {Quote(Encoding.UTF8.GetBytes(s))}",
        bool b => $"{field.Name}: {(b ? "true" : "false")}",
        Enum e => $"{field.Name}: {NameOf(field, Convert.ToInt32(e, CultureInfo.InvariantCulture))}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{field.Name}: {value}"),
    };

    private static string NameOf(FieldDescriptor field, int number) =>
        field.EnumType.FindValueByNumber(number)?.Name ?? number.ToString(CultureInfo.InvariantCulture);

    private static string Quote(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new("\"");
        foreach (byte b in bytes)
        {
            text.Append(b is >= 0x20 and < 0x7f and not (byte)'"' and not (byte)'\\'
                ? ((char)b).ToString()
                : $"\\x{b:x2}");
        }

        return text.Append('"').ToString();
    }

    private static void Fill(IMessage message, string text, ref int at)
    {
        while (SkipBlanks(text, ref at) && text[at] != '}')
        {
            string name = Word(text, ref at);
            FieldDescriptor field = message.Descriptor.FindFieldByName(name) ??
                throw new FormatException($"{message.Descriptor.Name} has no field '{name}': {text}");
            object value;
            if (field.FieldType == FieldType.Message)
            {
                value = field.MessageType.Parser.ParseFrom(ByteString.Empty);
                Expect('{', text, ref at);
                Fill((IMessage)value, text, ref at);
                Expect('}', text, ref at);
            }
            else
            {
                Expect(':', text, ref at);
                value = Scalar(field, text, ref at);
            }

            if (field.IsRepeated)
            {
                ((System.Collections.IList)field.Accessor.GetValue(message)).Add(value);
            }
            else
            {
                field.Accessor.SetValue(message, value);
            }
        }
    }

    private static object Scalar(FieldDescriptor field, string text, ref int at)
    {
        SkipBlanks(text, ref at);
        if (text[at] == '"')
        {
            byte[] bytes = Unquote(text, ref at);
            return field.FieldType == FieldType.Bytes
                ? ByteString.CopyFrom(bytes)
                : Encoding.UTF8.GetString(bytes);
        }

        string word = Word(text, ref at);
        return field.FieldType switch
        {
            FieldType.Bool => word == "true",
            FieldType.Int64 => long.Parse(word, CultureInfo.InvariantCulture),
            FieldType.UInt64 => ulong.Parse(word, CultureInfo.InvariantCulture),
            FieldType.Enum => field.EnumType.FindValueByName(word)?.Number ??
                int.Parse(word, CultureInfo.InvariantCulture),
            _ => throw new FormatException($"A field of type {field.FieldType} can't be read yet: {text}"),
        };
    }

    private static byte[] Unquote(string text, ref int at)
    {
        List<byte> bytes = [];
        for (at++; text[at] != '"'; at++)
        {
            if (text[at] == '\\')
            {
                bytes.Add(Convert.ToByte(text.Substring(at + 2, 2), 16));
                at += 3;
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text[at].ToString()));
            }
        }

        at++;
        return [.. bytes];
    }

    private static string Word(string text, ref int at)
    {
        SkipBlanks(text, ref at);
        int start = at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '-'))
        {
            at++;
        }

        return text[start..at];
    }

    private static void Expect(char expected, string text, ref int at)
    {
        Assert.True(SkipBlanks(text, ref at) && text[at] == expected, $"'{expected}' was expected at {at} of: {text}");
        at++;
    }

    private static bool SkipBlanks(string text, ref int at)
    {
        while (at < text.Length && text[at] == ' ')
        {
            at++;
        }

        return at < text.Length;
    }
}
