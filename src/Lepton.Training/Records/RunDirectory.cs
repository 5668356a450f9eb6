using System.Globalization;
using System.Text;
using System.Text.Json;
using Lepton.Core.Durability;

namespace Lepton.Training.Records;

/// <summary>
/// What a run leaves behind for people: <c>metrics.jsonl</c>, an object a line, and <c>curves.svg</c>. Written by rank
/// 0.
/// </summary>
internal sealed class RunDirectory : IDisposable
{
    /// <summary>What lines of a validation are marked with, and those of the training.</summary>
    public const string Validation = "validation";

    public const string Training = "train";

    private const string MetricsName = "metrics.jsonl";
    private readonly string _folder;
    private readonly List<MetricLine> _lines;
    private readonly FileStream _file;

    private RunDirectory(string folder, List<MetricLine> lines)
    {
        _folder = folder;
        _lines = lines;
        string path = Path.Combine(folder, MetricsName);

        // Lines behind the checkpoint that training goes on from are made anew, so the old ones go.
        DurableFile.WriteAllBytesAtomic(path, Encode(lines));
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
    }

    /// <summary>
    /// Opens a run's folder, with the lines up to a step, and those of the step itself that may not have been written.
    /// </summary>
    public static RunDirectory Open(string folder, long step, IReadOnlyList<MetricLine> lastLines)
    {
        Directory.CreateDirectory(folder);
        List<MetricLine> lines = File.Exists(Path.Combine(folder, MetricsName))
            ? [.. Read(folder).Where(line => line.Step <= step)]
            : [];
        lines.AddRange(lastLines.Where(line => !Has(lines, line)));
        return new RunDirectory(folder, lines);
    }

    /// <summary>The lines of a run, in their order.</summary>
    /// <exception cref="IOException">There are none.</exception>
    public static IReadOnlyList<MetricLine> Read(string folder) =>
        [.. File.ReadLines(Path.Combine(folder, MetricsName)).Select(MetricLine.Parse).OfType<MetricLine>()];

    /// <summary>Writes a line, unless one of its step and split is there, as where an epoch's end is gone through
    /// again.</summary>
    public void Write(MetricLine line)
    {
        if (Has(_lines, line))
        {
            return;
        }

        _lines.Add(line);
        _file.Write(Encode([line]));
        _file.Flush();
    }

    public void WriteCurves() => DurableFile.WriteAllBytesAtomic(
        Path.Combine(_folder, "curves.svg"), Encoding.UTF8.GetBytes(CurveSvg.Draw(
        [
            .. Curve.Of(_lines.Where(static line => line.Split == Training), Training, color: 0, isDashed: false),
            .. Curve.Of(_lines.Where(static line => line.Split != Training), Validation, color: 1, isDashed: false),
        ])));

    public void Dispose() => _file.Dispose();

    // Steps only grow.
    private static bool Has(List<MetricLine> lines, MetricLine line)
    {
        int last = lines.FindLastIndex(other => other.Step <= line.Step && other.Split == line.Split);
        return last >= 0 && lines[last].Step == line.Step;
    }

    private static byte[] Encode(IEnumerable<MetricLine> lines)
    {
        using var buffer = new MemoryStream();
        foreach (MetricLine line in lines)
        {
            line.WriteTo(buffer);
        }

        return buffer.ToArray();
    }
}
