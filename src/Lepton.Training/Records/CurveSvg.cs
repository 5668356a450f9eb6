using System.Globalization;
using System.Security;
using System.Text;

namespace Lepton.Training.Records;

/// <summary>Draws curves over steps, a panel for each metric. Pure.</summary>
internal static class CurveSvg
{
    private const double Width = 640;
    private const double PanelHeight = 220;
    private const double Left = 70;
    private const double Right = 20;
    private const double Top = 30;
    private const double Bottom = 35;
    private const double LabelWidth = 110;
    private const double LogarithmicFrom = 100;
    private const double ShortFrom = 0.001;
    private static readonly string[] s_colors = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf"];

    public static string Draw(IReadOnlyList<Curve> curves)
    {
        IGrouping<string, Curve>[] panels = [.. curves.GroupBy(static curve => curve.Metric, StringComparer.Ordinal)];
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{PanelHeight * panels.Length}\" " +
            $"font-family=\"sans-serif\" font-size=\"12\">\n");
        for (int panel = 0; panel < panels.Length; panel++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate(0 {panel * PanelHeight})\">\n");
            DrawPanel(svg, panels[panel].Key, [.. panels[panel]]);
            svg.Append("</g>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void DrawPanel(StringBuilder svg, string name, Curve[] curves)
    {
        double low = curves.Min(static curve => curve.Points.Min(static point => point.Value));
        double high = curves.Max(static curve => curve.Points.Max(static point => point.Value));

        // A loss that falls by powers of ten is a line along the bottom otherwise.
        bool isLogarithmic = low > 0 && high / low >= LogarithmicFrom;
        double bottom = Place(low);
        double span = high > low ? Place(high) - bottom : 1;
        double steps = Math.Max(1, curves.Max(static curve => curve.Points[^1].Step));
        svg.Append(
            CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"18\">{SecurityElement.Escape(name)}" +
            $"{(isLogarithmic ? " (logarithmic)" : "")}</text>\n");
        svg.Append(CultureInfo.InvariantCulture,
            $"<rect x=\"{Left}\" y=\"{Top}\" width=\"{Width - Left - Right}\" " +
            $"height=\"{PanelHeight - Top - Bottom}\" fill=\"none\" stroke=\"#ccc\"/>\n");
        Label(svg, Left - 6, Top + 10, "end", high);
        Label(svg, Left - 6, PanelHeight - Bottom, "end", low);
        Label(svg, Width - Right, PanelHeight - Bottom + 16, "end", steps);
        Curve[] labelled = [.. curves.Where(static curve => curve.Label.Length > 0)];
        for (int i = 0; i < labelled.Length; i++)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{Width - Right - (LabelWidth * (labelled.Length - 1 - i))}\" y=\"18\" " +
                $"text-anchor=\"end\" fill=\"{ColorOf(labelled[i])}\">" +
                $"{SecurityElement.Escape(labelled[i].Label)}</text>\n");
        }

        foreach (Curve curve in curves)
        {
            string points = string.Join(' ', curve.Points.Select(point => Point(
                Left + ((Width - Left - Right) * point.Step / steps),
                PanelHeight - Bottom - ((PanelHeight - Top - Bottom) * (Place(point.Value) - bottom) / span))));
            string dashes = curve.IsDashed ? " stroke-dasharray=\"4 3\"" : "";
            svg.Append(CultureInfo.InvariantCulture,
                $"<polyline points=\"{points}\" fill=\"none\" stroke=\"{ColorOf(curve)}\" " +
                $"stroke-width=\"1.5\"{dashes}/>\n");
        }

        double Place(double value) => isLogarithmic ? Math.Log(value) : value;
    }

    private static string ColorOf(Curve curve) => s_colors[curve.Color % s_colors.Length];

    private static string Point(double x, double y) => string.Create(CultureInfo.InvariantCulture, $"{x:0.#},{y:0.#}");

    private static void Label(StringBuilder svg, double x, double y, string anchor, double value)
    {
        string format = value != 0 && Math.Abs(value) < ShortFrom ? "0.##e-0" : "G4";
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">" +
            $"{value.ToString(format, CultureInfo.InvariantCulture)}</text>\n");
    }
}
