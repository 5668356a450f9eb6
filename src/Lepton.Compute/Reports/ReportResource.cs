using System.Text;
using Lepton.Core;

namespace Lepton.Compute.Reports;

/// <summary>The style and script of the report, which stand beside this file and travel inside the assembly.</summary>
internal static class ReportResource
{
    public static string Style() => Read("report.css");

    public static string Script() => Read("report.js");

    private static string Read(string name)
    {
        string full = $"{typeof(ReportResource).Namespace}.{name}";
        using Stream? stream = typeof(ReportResource).Assembly.GetManifestResourceStream(full);
        Invariant.Check(stream is not null);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
