using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Lepton.Compute.Events;
using Lepton.Compute.Reports;

namespace Lepton.Compute.Tests.Reports;

/// <summary>A report's page, as text and parsed: what is written is well-formed XML but for the script.</summary>
internal sealed class ReportPage
{
    private static readonly Regex s_script = new("<script>(.*?)</script>", RegexOptions.Singleline);

    public ReportPage(IEnumerable<JobEvent> events)
        : this(JobReport.FromEvents(events))
    {
    }

    public ReportPage(JobReport report)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        HtmlReport.Write(report, writer);
        Text = writer.ToString();
        Root = XDocument.Parse(s_script.Replace(Text, "<script></script>")).Root!;
    }

    public string Text { get; }

    public XElement Root { get; }

    public string Script => s_script.Match(Text).Groups[1].Value;

    public IEnumerable<XElement> All(string element, string className = "") => Root.Descendants(element)
        .Where(e => className.Length == 0 || ((string?)e.Attribute("class") ?? "").Split(' ').Contains(className));

    public XElement? Section(string id) =>
        Root.Descendants("section").SingleOrDefault(e => (string?)e.Attribute("id") == id);

    /// <summary>The cells of a section's first table, row by row.</summary>
    public string[][] Table(string sectionId) =>
    [
        .. Section(sectionId)!.Descendants("tbody").First().Elements("tr")
            .Select(row => row.Elements().Select(cell => cell.Value).ToArray()),
    ];

    public IReadOnlyList<XElement> Bars() =>
        [.. All("g", "tasks").Single().Elements("rect")];

    public string Tile(string name) => All("div", "tile").Single(tile => tile.Element("dt")!.Value == name)
        .Elements("dd").First().Value;
}
