using System.Globalization;
using System.Text;

namespace Lepton.Bench.Suites;

/// <summary>
/// The committed results of a suite: rows as JSON lines, and a page made from them. Rows of another machine or other
/// versions go when new ones come.
/// </summary>
internal sealed class SavedResults(string directory, string suite)
{
    private readonly string _rows = Path.Combine(directory, suite + ".jsonl");
    private readonly string _page = Path.Combine(directory, suite + ".md");

    public void Save(IReadOnlyList<string> machine, IReadOnlyList<Row> rows, IReadOnlyList<string> order)
    {
        bool isSame = File.Exists(_page) && File.ReadAllText(_page).StartsWith(Page(machine), StringComparison.Ordinal);
        IEnumerable<Row> old =
            isSame && File.Exists(_rows) ? File.ReadLines(_rows).Select(line => Row.Parse(line)!) : [];
        Row[] all =
        [
            .. old.Where(before => rows.All(row => row.Work != before.Work)).Concat(rows)
                .OrderBy(row => order.ToList().IndexOf(row.Work)),
        ];
        Directory.CreateDirectory(directory);
        File.WriteAllLines(_rows, all.Select(row => row.ToJson()));
        File.WriteAllText(_page, Page(machine) + Table.Render(all) + "\n" + Details(all));
    }

    private string Page(IReadOnlyList<string> machine)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Results of the {suite} suite\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Made by `bench/run.sh {suite} --save`. ");
        text.Append("The README beside says how to read them.\n\n");
        foreach (string line in machine)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {line}\n");
        }

        return text.Append('\n').ToString();
    }

    private static string Details(IReadOnlyList<Row> rows)
    {
        var text = new StringBuilder("\n");
        foreach (Row row in rows.Where(row => row.Skipped is null))
        {
            string wall = $"whole runs took {Pair(row.OursWallSeconds, row.PeerWallSeconds)} s with " +
                $"{Pair(row.OursCpuSeconds, row.PeerCpuSeconds)} s of processor time";
            string?[] said = [row.OursNote, row.PeerNote];
            string notes = string.Join("; ", said.Where(note => note is { Length: > 0 }));
            string date = row.Date ?? "";
            text.Append(CultureInfo.InvariantCulture, $"- {row.Work}: {row.Rounds} rounds, {date}; {wall}");
            text.Append(notes.Length > 0 ? $"; {notes}\n" : "\n");
        }

        return text.ToString();
    }

    private static string Pair(double? ours, double? peer) => string.Create(
        CultureInfo.InvariantCulture, $"{ours:0.0}{(peer is { } other ? $" (ours) and {other:0.0}" : "")}");
}
