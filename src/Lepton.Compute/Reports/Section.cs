using Lepton.Compute.Execution;

namespace Lepton.Compute.Reports;

/// <summary>Parts of the page that all sections share.</summary>
internal static class Section
{
    public static void Open(HtmlWriter html, string id, string title, string note = "")
    {
        html.Write($"<section id=\"{id}\" class=\"panel\">\n<h2>{title}");
        if (note.Length > 0)
        {
            html.Write($" <small>{note}</small>");
        }

        html.Raw("</h2>\n");
    }

    public static void Close(HtmlWriter html) => html.Raw("</section>\n");

    /// <summary>Opens a table; a heading that starts with '#' is of a column of numbers.</summary>
    public static void OpenTable(HtmlWriter html, params ReadOnlySpan<string> headings)
    {
        html.Raw("<div class=\"scroll\"><table class=\"sortable\">\n<thead><tr>");
        foreach (string heading in headings)
        {
            bool isNumber = heading.StartsWith('#');
            html.Write($"<th class=\"{(isNumber ? "n" : "")}\" scope=\"col\">{heading.TrimStart('#')}</th>");
        }

        html.Raw("</tr></thead>\n<tbody>\n");
    }

    public static void CloseTable(HtmlWriter html, long hidden = 0, string nouns = "")
    {
        html.Raw("</tbody></table></div>\n");
        if (hidden > 0)
        {
            html.Write($"<p class=\"more\">and {Quantity.Count(hidden)} {nouns} more, which the event log lists</p>\n");
        }
    }

    /// <summary>A cell with a count; a dash for none.</summary>
    public static void Count(HtmlWriter html, long value) =>
        Number(html, value, value == 0 ? "–" : Quantity.Count(value));

    /// <summary>A cell with a number of bytes; a dash for none.</summary>
    public static void Bytes(HtmlWriter html, long value) =>
        Number(html, value, value == 0 ? "–" : ByteText.Of(value));

    /// <summary>A cell with a number: what people read and what the table is sorted by.</summary>
    public static void Number(HtmlWriter html, double sortBy, string shown) =>
        html.Write($"<td class=\"n\" data-v=\"{sortBy:R}\">{shown}</td>");
}
