using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Lepton.Compute.Functions;

/// <summary>
/// Finds where a method stands in its source, by the debug information beside the assembly. For messages only: slow.
/// </summary>
internal static class SourceLine
{
    /// <summary><c>Program.cs:12</c>; null when there is no debug information.</summary>
    public static string? Of(MethodBase method)
    {
        string location = method.Module.Assembly.Location;
        if (location.Length == 0)
        {
            return null;
        }

        try
        {
            using FileStream file = File.OpenRead(location);
            using PEReader image = new(file);
            if (!image.TryOpenAssociatedPortablePdb(location, Open, out MetadataReaderProvider? provider, out _))
            {
                return null;
            }

            using (provider)
            {
                return Read(provider!.GetMetadataReader(), method);
            }
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or UnauthorizedAccessException)
        {
            // The line is a courtesy; the method's name does without it.
            return null;
        }
    }

    private static FileStream? Open(string path) => File.Exists(path) ? File.OpenRead(path) : null;

    private static string? Read(MetadataReader reader, MethodBase method)
    {
        MethodDefinitionHandle handle = MetadataTokens.MethodDefinitionHandle(method.MetadataToken & 0xffffff);
        foreach (SequencePoint point in reader.GetMethodDebugInformation(handle).GetSequencePoints())
        {
            if (!point.IsHidden)
            {
                string document = reader.GetString(reader.GetDocument(point.Document).Name);
                return $"{document[(document.LastIndexOfAny(['/', '\\']) + 1)..]}:{point.StartLine}";
            }
        }

        return null;
    }
}
