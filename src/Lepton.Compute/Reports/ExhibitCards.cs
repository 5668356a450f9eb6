using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>What the program published, each as a card.</summary>
internal static class ExhibitCards
{
    private const int FactsMax = 100;
    private const int TextCharsMax = 100_000;

    public static void Write(HtmlWriter html, IReadOnlyList<Exhibit> exhibits)
    {
        if (exhibits.Count == 0)
        {
            return;
        }

        html.Raw("<div class=\"cards\">\n");
        foreach (Exhibit exhibit in exhibits)
        {
            string width = exhibit.Content is MatrixContent ? " wide" : "";
            html.Write($"<section class=\"panel exhibit{width}\">\n<h2>{TextLimit.Cut(exhibit.Title, 200)}</h2>\n");
            switch (exhibit.Content)
            {
                case MatrixContent matrix:
                    MatrixTable.Write(html, matrix);
                    break;
                case BarsContent bars:
                    BarsChart.Write(html, bars);
                    break;
                case ValuesContent values:
                    WriteFacts(html, values);
                    break;
                case TextContent text:
                    html.Write($"<pre>{TextLimit.Cut(text.Text, TextCharsMax)}</pre>\n");
                    break;
                default:
                    html.Raw("<p class=\"more\">This version can't show this kind of exhibit.</p>\n");
                    break;
            }

            html.Raw("</section>\n");
        }

        html.Raw("</div>\n");
    }

    private static void WriteFacts(HtmlWriter html, ValuesContent values)
    {
        html.Raw("<dl class=\"facts\">\n");
        foreach (NamedFact fact in values.Facts.Take(FactsMax))
        {
            html.Write($"<dt>{TextLimit.Cut(fact.Name, 200)}</dt><dd>{TextLimit.Cut(fact.Value, 2_000)}</dd>\n");
        }

        html.Raw("</dl>\n");
        if (values.Facts.Count > FactsMax)
        {
            html.Write($"<p class=\"more\">and {Quantity.Count(values.Facts.Count - FactsMax)} more</p>\n");
        }
    }
}
