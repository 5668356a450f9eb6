using System.Globalization;
using System.Security;
using System.Text;

namespace Lepton.Training.Records;

/// <summary>Draws a run's metrics as curves over steps, a panel for each metric. Pure.</summary>
internal static class CurveSvg
{
    private const double Width = 640;
    private const double PanelHeight = 220;
    private const double Left = 70;
    private const double Right = 20;
    private const double Top = 30;
    private const double Bottom = 35;
    private static readonly string[] s_colors = ["#1f77b4", "#d62728"];

    public static string Draw(IReadOnlyList<MetricLine> lines)
    {
        string[] names = [.. lines.SelectMany(static line => line.Values.Keys).Distinct(StringComparer.Ordinal)];
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{PanelHeight * names.Length}\" " +
            $"font-family=\"sans-serif\" font-size=\"12\">\n");
        for (int panel = 0; panel < names.Length; panel++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate(0 {panel * PanelHeight})\">\n");
            DrawPanel(svg, names[panel], lines);
            svg.Append("</g>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void DrawPanel(StringBuilder svg, string name, IReadOnlyList<MetricLine> lines)
    {
        MetricLine[] shown = [.. lines.Where(line => line.Values.ContainsKey(name))];
        double low = shown.Min(line => line.Values[name]);
        double high = shown.Max(line => line.Values[name]);
        double span = high > low ? high - low : 1;
        double steps = Math.Max(1, shown.Max(static line => line.Step));
        svg.Append(
            CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"18\">{SecurityElement.Escape(name)}</text>\n");
        svg.Append(CultureInfo.InvariantCulture,
            $"<rect x=\"{Left}\" y=\"{Top}\" width=\"{Width - Left - Right}\" " +
            $"height=\"{PanelHeight - Top - Bottom}\" fill=\"none\" stroke=\"#ccc\"/>\n");
        Label(svg, Left - 6, Top + 10, "end", high);
        Label(svg, Left - 6, PanelHeight - Bottom, "end", low);
        Label(svg, Width - Right, PanelHeight - Bottom + 16, "end", steps);
        string[] splits = [.. shown.Select(static line => line.Split).Distinct(StringComparer.Ordinal)];
        for (int i = 0; i < splits.Length; i++)
        {
            string color = s_colors[splits[i] == "train" ? 0 : 1];
            string points = string.Join(' ', shown.Where(line => line.Split == splits[i]).Select(line => Point(
                Left + ((Width - Left - Right) * line.Step / steps),
                PanelHeight - Bottom - ((PanelHeight - Top - Bottom) * (line.Values[name] - low) / span))));
            svg.Append(CultureInfo.InvariantCulture,
                $"<polyline points=\"{points}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\"/>\n" +
                $"<text x=\"{Width - Right - (90 * (splits.Length - 1 - i))}\" y=\"18\" text-anchor=\"end\" " +
                $"fill=\"{color}\">{SecurityElement.Escape(splits[i])}</text>\n");
        }
    }

    private static string Point(double x, double y) => string.Create(CultureInfo.InvariantCulture, $"{x:0.#},{y:0.#}");

    private static void Label(StringBuilder svg, double x, double y, string anchor, double value) => svg.Append(
        CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{value:G4}</text>\n");
}
