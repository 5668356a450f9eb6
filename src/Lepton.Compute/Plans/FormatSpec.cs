using Lepton.Compute.Formats;
using Lepton.Compute.Functions;

namespace Lepton.Compute.Plans;

/// <summary>Names a file format and its options, so that a worker can make it anew.</summary>
internal sealed class FormatSpec<T>(
    FormatKind kind, CsvOptions? csv = null, JsonLinesOptions? json = null, string[]? labeledColumns = null)
{
    /// <summary>Skipped rows listed for each file and task.</summary>
    public int SkippedRowsListedMax => csv?.SkippedRowsListedMax ?? json?.SkippedRowsListedMax ?? 0;

    public IRecordFormat<T> Create() =>
        kind switch
        {
            FormatKind.Csv => new CsvFormat<T>(csv ?? new CsvOptions(), Shape()),
            FormatKind.JsonLines => new JsonLinesFormat<T>(json ?? new JsonLinesOptions()),
            FormatKind.Utf8Text => (IRecordFormat<T>)(object)new Utf8TextFormat(),
            _ => (IRecordFormat<T>)(object)new TextFormat(),
        };

    private CsvShape<T>? Shape() =>
        labeledColumns is null ? null : (CsvShape<T>)(object)new LabeledShape(labeledColumns[..^1], labeledColumns[^1]);
}
