using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>
/// A matrix as a heat table. One whose rows and columns have the same names is read as a confusion matrix: its diagonal
/// has the colour of what is right, the rest the colour of what is wrong, both by their share of the row.
/// </summary>
internal static class MatrixTable
{
    private const int SideMax = 60;

    public static void Write(HtmlWriter html, MatrixContent matrix)
    {
        int rows = matrix.RowNames.Count;
        int columns = matrix.ColumnNames.Count;
        if (matrix.Rows.Count != rows || matrix.Rows.Any(row => row.Count != columns))
        {
            html.Write($"<p class=\"more\">The matrix was published with {rows} row names and {columns} column ");
            html.Raw("names, but its rows do not have that shape. Publish one row a name, one number a column.</p>\n");
            return;
        }

        if (rows > SideMax || columns > SideMax)
        {
            html.Write($"<p class=\"more\">{rows} × {columns} numbers are too many to show; ");
            html.Raw("the event log has them.</p>\n");
            return;
        }

        bool isConfusion = rows > 0 && matrix.RowNames.SequenceEqual(matrix.ColumnNames);
        html.Raw("<div class=\"scroll\"><table class=\"matrix\">\n<thead>\n");
        html.Write($"<tr><td></td><th class=\"axis\" colspan=\"{columns}\">{matrix.ColumnsTitle} →</th></tr>\n");
        html.Write($"<tr><th class=\"axis\">{matrix.RowsTitle} ↓</th>");
        foreach (string name in matrix.ColumnNames)
        {
            html.Write($"<th scope=\"col\">{TextLimit.Cut(name, 40)}</th>");
        }

        html.Raw(isConfusion ? "<th class=\"axis\">recall</th>" : "");
        html.Raw("</tr>\n</thead>\n<tbody>\n");
        IEnumerable<double> sizes = matrix.Rows.SelectMany(row => row).Where(double.IsFinite).Select(Math.Abs);
        double largest = sizes.DefaultIfEmpty().Max();
        for (int row = 0; row < rows; row++)
        {
            WriteRow(html, matrix, row, isConfusion, largest);
        }

        html.Raw("</tbody></table></div>\n");
        if (isConfusion)
        {
            double right = Enumerable.Range(0, rows).Sum(i => matrix.Rows[i][i]);
            double all = matrix.Rows.Sum(row => row.Sum());
            html.Write($"<p class=\"caption\">{Quantity.Number(right)} of {Quantity.Number(all)} right ");
            html.Write($"({(all > 0 ? Quantity.Percent(right / all) : "–")})</p>\n");
        }
    }

    private static void WriteRow(HtmlWriter html, MatrixContent matrix, int row, bool isConfusion, double largest)
    {
        IReadOnlyList<double> numbers = matrix.Rows[row];
        double sum = numbers.Sum();
        html.Write($"<tr><th scope=\"row\">{TextLimit.Cut(matrix.RowNames[row], 40)}</th>");
        for (int column = 0; column < numbers.Count; column++)
        {
            double number = numbers[column];
            double share = Math.Abs(number) / (isConfusion ? sum : largest);
            double heat = double.IsFinite(share) ? Math.Clamp(share, 0, 1) * 100 : 0;
            if (isConfusion && row != column && number > 0)
            {
                // A few errors among many right answers are what one looks for: they must not fade away.
                heat = Math.Max(heat, 14);
            }

            string kind = !isConfusion ? "heat" : row == column ? "heat right" : "heat wrong";
            html.Write($"<td class=\"{kind}{(heat > 55 ? " strong" : "")}\" style=\"--h:{heat:0}\">");
            html.Write($"{Quantity.Number(number)}</td>");
        }

        if (isConfusion)
        {
            html.Write($"<td class=\"axis\">{(sum > 0 ? Quantity.Percent(numbers[row] / sum) : "–")}</td>");
        }

        html.Raw("</tr>\n");
    }
}
