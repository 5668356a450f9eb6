using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>Named numbers as horizontal bars, in the order given; the longest fills the width.</summary>
internal static class BarsChart
{
    private const int BarsMax = 40;

    public static void Write(HtmlWriter html, BarsContent content)
    {
        NamedNumber[] bars = [.. content.Bars.Take(BarsMax)];
        double largest = bars.Select(bar => Math.Abs(bar.Value)).Where(double.IsFinite).DefaultIfEmpty().Max();
        html.Raw("<div class=\"bars\">\n");
        foreach (NamedNumber bar in bars)
        {
            double share = largest > 0 ? Math.Abs(bar.Value) / largest : 0;
            double width = double.IsFinite(share) ? Math.Clamp(share, 0, 1) * 100 : 0;
            html.Write($"<span class=\"name\">{TextLimit.Cut(bar.Name, 80)}</span>");
            html.Write($"<span class=\"track\"><span class=\"bar{(bar.Value < 0 ? " minus" : "")}\" ");
            html.Write($"style=\"width:{width:0.##}%\"></span></span>");
            html.Write($"<span class=\"value\">{Quantity.Number(bar.Value)}</span>\n");
        }

        html.Raw("</div>\n");
        if (content.Bars.Count > BarsMax)
        {
            html.Write($"<p class=\"more\">and {Quantity.Count(content.Bars.Count - BarsMax)} more</p>\n");
        }
    }
}
