namespace Lepton.Compute.Events;

/// <summary>
/// Numbers with named rows and columns, shown as a heat table. Where rows and columns have the same names it is read as
/// a confusion matrix: what stands on the diagonal is right.
/// </summary>
/// <param name="RowsTitle">What the rows are, as in "actual".</param>
/// <param name="ColumnsTitle">What the columns are, as in "predicted".</param>
/// <param name="RowNames">A name for each row.</param>
/// <param name="ColumnNames">A name for each column.</param>
/// <param name="Rows">The numbers, row by row; each row as long as <paramref name="ColumnNames"/>.</param>
public sealed record MatrixContent(
    string RowsTitle,
    string ColumnsTitle,
    IReadOnlyList<string> RowNames,
    IReadOnlyList<string> ColumnNames,
    IReadOnlyList<IReadOnlyList<double>> Rows) : ExhibitContent;
