using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Lepton.Storage.S3.Requests;

namespace Lepton.Storage.S3.Answers;

/// <summary>Writes S3's XML, and reads that of requests: without DTDs, entities, or anything from elsewhere.</summary>
internal static class S3Xml
{
    private const string Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

    /// <summary>How deep elements may lie in each other; no request of S3's comes near.</summary>
    private const int DepthMax = 8;

    private static readonly XmlWriterSettings s_writing = new()
    {
        Encoding = new UTF8Encoding(false),
        CheckCharacters = false,
    };

    // Keys may hold characters that XML 1.0 does not allow, such as &#1;.
    private static readonly XmlReaderSettings s_reading = new()
    {
        CheckCharacters = false,
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersFromEntities = 0,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    /// <summary>Writes a document whose root has S3's namespace.</summary>
    public static byte[] Write(string root, Action<XmlWriter> content) => Write(root, Namespace, content);

    /// <summary>Writes an error, which has no namespace.</summary>
    public static byte[] WriteError(S3Error error, string message, string resource, string requestId) =>
        Write("Error", null, xml =>
        {
            xml.Element("Code", error.Code);
            xml.Element("Message", message);
            xml.Element("Resource", resource);
            xml.Element("RequestId", requestId);
        });

    public static void Element(this XmlWriter xml, string name, string value) => xml.WriteElementString(name, value);

    public static void Element(this XmlWriter xml, string name, long value) =>
        xml.WriteElementString(name, value.ToString(CultureInfo.InvariantCulture));

    public static void Element(this XmlWriter xml, string name, bool value) =>
        xml.WriteElementString(name, value ? "true" : "false");

    /// <summary>Writes a time as ISO 8601, with milliseconds.</summary>
    public static void Time(this XmlWriter xml, string name, long unixMs) => xml.WriteElementString(
        name, DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString(
            "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    /// <summary>Writes the account that all buckets belong to; there is one.</summary>
    public static void Owner(this XmlWriter xml, string name)
    {
        xml.WriteStartElement(name);
        xml.Element("ID", "lepton");
        xml.Element("DisplayName", "lepton");
        xml.WriteEndElement();
    }

    /// <summary>Reads a document.</summary>
    /// <exception cref="S3Exception">It is not well-formed, has a DTD, or another root.</exception>
    public static XElement Read(ReadOnlyMemory<byte> bytes, string root)
    {
        try
        {
            byte[] document = bytes.ToArray();
            CheckDepth(document);
            using MemoryStream stream = new(document);
            using XmlReader reader = XmlReader.Create(stream, s_reading);
            // A key may be a space.
            XElement read = XDocument.Load(reader, LoadOptions.PreserveWhitespace).Root!;
            return read.Name.LocalName == root
                ? read
                : throw new S3Exception(
                    S3Error.MalformedXml, $"The body is <{read.Name.LocalName}>; expected <{root}>.");
        }
        catch (XmlException e)
        {
            throw new S3Exception(S3Error.MalformedXml, $"The body is no XML as S3 takes it: {e.Message}");
        }
    }

    /// <summary>The children with a name, in any namespace: clients give S3's, or none.</summary>
    public static IEnumerable<XElement> Children(this XElement element, string name) =>
        element.Elements().Where(child => child.Name.LocalName == name);

    /// <summary>The text of a child; null where there is none.</summary>
    public static string? Text(this XElement element, string name) => element.Children(name).FirstOrDefault()?.Value;

    /// <summary>A key as a listing tells it.</summary>
    public static string Encoded(string text, bool urlEncoded) =>
        urlEncoded ? AwsUri.Encode(text, keepSlashes: true) : text;

    /// <summary>What is deeper than any request needs is refused before a tree is made of it: whoever walks a tree by
    /// recursion runs out of stack.</summary>
    private static void CheckDepth(byte[] document)
    {
        using MemoryStream stream = new(document);
        using XmlReader reader = XmlReader.Create(stream, s_reading);
        while (reader.Read())
        {
            if (reader.Depth > DepthMax)
            {
                throw new S3Exception(
                    S3Error.MalformedXml, $"The body's elements lie more than {DepthMax} deep in each other.");
            }
        }
    }

    private static byte[] Write(string root, string? space, Action<XmlWriter> content)
    {
        using MemoryStream stream = new();
        using (XmlWriter xml = XmlWriter.Create(stream, s_writing))
        {
            xml.WriteStartElement(root, space);
            content(xml);
            xml.WriteEndElement();
        }

        return stream.ToArray();
    }
}
