using System.Globalization;
using System.Text;

namespace Lepton.Bench.Suites;

/// <summary>Rows as a table in Markdown, with columns of even width, so that it reads well in a terminal too.</summary>
internal static class Table
{
    private static readonly string[] s_heads =
    [
        "work", "ours", "peer", "unit", "ratio", "spread", "at least", "aim", "our peak memory", "peer's peak memory",
    ];

    public static string Render(IReadOnlyList<Row> rows)
    {
        string[][] cells = [s_heads, .. rows.Select(Cells)];
        int[] widths = [.. Enumerable.Range(0, s_heads.Length).Select(i => cells.Max(line => line[i].Length))];
        var text = new StringBuilder();
        Append(text, cells[0], widths);
        Append(text, [.. widths.Select(width => new string('-', width))], widths);
        foreach (string[] line in cells[1..])
        {
            Append(text, line, widths);
        }

        foreach (Row row in rows.Where(row => row.Skipped is not null))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{row.Work}: skipped, {row.Skipped}");
        }

        foreach (Row row in rows.Where(row => row.Ratio < row.AtLeast))
        {
            text.Append($"\n{row.Work}: {Times(row.Ratio)} is below {Times(row.AtLeast)}");
        }

        return text.ToString().TrimEnd('\n');
    }

    private static string[] Cells(Row row) =>
    [
        $"{row.Work}: {row.Title}",
        Number(row.Ours),
        Number(row.Peer),
        row.Unit,
        row.Skipped is null ? Times(row.Ratio) : "skipped",
        row.Spread is { } spread ? spread.ToString("0 %", CultureInfo.InvariantCulture) : "–",
        Times(row.AtLeast),
        Times(row.Aim),
        MiB(row.OursPeakMiB, row.OursPeaksSumMiB),
        MiB(row.PeerPeakMiB, row.PeerPeaksSumMiB),
    ];

    private static void Append(StringBuilder text, string[] cells, int[] widths)
    {
        text.Append('|');
        for (int i = 0; i < cells.Length; i++)
        {
            text.Append(' ').Append(cells[i].PadRight(widths[i])).Append(" |");
        }

        text.Append('\n');
    }

    private static string Number(double? number) =>
        number is { } some ? some.ToString(some < 100 ? "0.00" : "#,0", CultureInfo.InvariantCulture) : "–";

    private static string Times(double? ratio) =>
        ratio is { } some ? some.ToString(some < 10 ? "0.##" : "0.#", CultureInfo.InvariantCulture) + "×" : "–";

    private static string MiB(long? peak, long? peaksSum) =>
        peak is null ? "–" : string.Create(CultureInfo.InvariantCulture, $"{peak:#,0} MiB (≤ {peaksSum:#,0})");
}
