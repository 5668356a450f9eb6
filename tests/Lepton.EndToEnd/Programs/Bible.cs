using System.IO.Compression;

namespace Lepton.EndToEnd.Programs;

/// <summary>The text that comes along with the samples.</summary>
internal static class Bible
{
    public static string Read()
    {
        using FileStream file = File.OpenRead(Repository.File("samples", "data", "kjv.txt.gz"));
        using var text = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        return text.ReadToEnd();
    }
}
