using System.Globalization;
using Lepton.Compute;
using Lepton.Compute.Datasets;
using Lepton.Compute.Formats;
using Lepton.Learning.Tests.Golden;

namespace Lepton.Learning.Tests.Distributed;

/// <summary>Tables from CSV, and what can be wrong with them.</summary>
public sealed class LabeledTableReaderTests(ThreadsFixture threads) : IClassFixture<ThreadsFixture>, IDisposable
{
    private readonly LeptonSession _session = threads.Session;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ReadLabeledTableAsync_RealTable_ReadsWhatIsThere()
    {
        LabeledTable expected = SampleTables.Read("wine");
        string path = Write("wine.csv", [
            string.Join(',', expected.Features.Names) + ",label",
            .. Enumerable.Range(0, expected.Rows).Select(row =>
                string.Join(',',
                    expected.Features.Row(row).ToArray().Select(v => v.ToString("R", CultureInfo.InvariantCulture)))
                + "," + expected.ClassNames[expected.Labels[row]]),
        ]);
        LabeledTable table = await _session.ReadLabeledTableAsync(path);
        Assert.Equal(expected.Features.Names, table.Features.Names);
        Assert.Equal(expected.Features.Values, table.Features.Values);
        Assert.Equal(expected.Labels, table.Labels);
        Assert.Equal(expected.ClassNames, table.ClassNames);
    }

    [Fact]
    public async Task ReadLabeledTableAsync_LabelInTheMiddleAndNamedClasses_AreFound()
    {
        string path = Write("t.csv", ["a,kind,b", "1,dog,2", "3,\"cat\",4", "5,dog,6"]);
        LabeledTable table = await _session.ReadLabeledTableAsync(path, "kind");
        Assert.Equal(["a", "b"], table.Features.Names);
        Assert.Equal(new double[] { 1, 2, 3, 4, 5, 6 }, table.Features.Values);
        Assert.Equal(["cat", "dog"], table.ClassNames);
        Assert.Equal(new int[] { 1, 0, 1 }, table.Labels);
    }

    [Fact]
    public async Task ReadLabeledTableAsync_FilesWithColumnsInOtherOrder_AreMatchedByName()
    {
        Write("1.csv", ["a,b,label", "1,2,x"]);
        Write("2.csv", ["label,b,a", "y,4,3"]);
        LabeledTable table = await _session.ReadLabeledTableAsync(_folder.File("*.csv"));
        Assert.Equal(new double[] { 1, 2, 3, 4 }, table.Features.Values);
        Assert.Equal(["x", "y"], table.ClassNames);
    }

    [Fact]
    public async Task ReadLabeledTableAsync_FileThatLacksAColumn_IsRefused()
    {
        Write("1.csv", ["width,label", "1,x"]);
        string second = Write("2.csv", ["widht,label", "1,x"]);
        MissingColumnException error = await Assert.ThrowsAsync<MissingColumnException>(
            () => _session.ReadLabeledTableAsync(_folder.File("*.csv")));
        Assert.StartsWith($"{second} has no column for 'width' (the nearest is 'widht') of the table.", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_SmallSplits_ReadsEveryRowOnceInOrder()
    {
        string path = Write("t.csv", ["n,label", .. Enumerable.Range(0, 500).Select(i => $"{i},c{i % 3}")]);
        LabeledCsv csv = LabeledCsv.Open(_session, path, "label", splitBytes: 100);
        LabeledTable table = await csv.Rows.ToLabeledTableAsync(csv.NumberNames);
        Assert.Equal(Enumerable.Range(0, 500).Select(i => (double)i), table.Features.Values.ToArray());
    }

    [Fact]
    public async Task ReadLabeledTableAsync_MissingLabel_NamesTheNearestColumn()
    {
        string path = Write("t.csv", ["a,b,lable", "1,2,x"]);
        MissingColumnException error =
            await Assert.ThrowsAsync<MissingColumnException>(() => _session.ReadLabeledTableAsync(path));
        Assert.Equal(
            $"{path} has no column for 'label' (the nearest is 'lable') of the table. Its columns are: a, b, lable. " +
            "Give the name of the column that holds the classes, and the same columns in every file.",
            error.Message);
    }

    [Theory]
    [InlineData("1,NaN,x", "b", "can't be learned from: 'NaN'. Expected a finite number.")]
    [InlineData("1,Infinity,x", "b", "can't be learned from: 'Infinity'. Expected a finite number.")]
    [InlineData("one,2,x", "a", "can't read: 'one'. Expected a number")]
    [InlineData("1,,x", "b", "the value is missing: ''.")]
    [InlineData("1,2,", "label", "the value is missing: ''. Expected the name of a class.")]
    public async Task ReadLabeledTableAsync_BadValue_TellsFileLineAndColumn(string row, string column, string what)
    {
        string path = Write("t.csv", ["a,b,label", "1,2,x", row]);
        MalformedRowException error =
            await Assert.ThrowsAsync<MalformedRowException>(() => _session.ReadLabeledTableAsync(path));
        Assert.StartsWith($"{path}, line 3, column '{column}': {what}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadLabeledTableAsync_SkipErrors_LeavesBadRowsOut()
    {
        string path = Write("t.csv", ["a,label", "1,x", "?,x", "NaN,y", "2,y"]);
        LabeledTable table =
            await _session.ReadLabeledTableAsync(path, options: new CsvOptions { OnError = OnError.Skip });
        Assert.Equal(new double[] { 1, 2 }, table.Features.Values);
    }

    [Fact]
    public async Task ReadLabeledTableAsync_EveryRowSkipped_SaysThatNothingIsLeft()
    {
        string path = Write("t.csv", ["a,label", "?,x"]);
        LearningDataException error = await Assert.ThrowsAsync<LearningDataException>(
            () => _session.ReadLabeledTableAsync(path, options: new CsvOptions { OnError = OnError.Skip }));
        Assert.StartsWith("The table has no rows (1 features: a), and learning needs at least one.", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadLabeledTableAsync_NoRows_SaysSo()
    {
        string empty = Write("empty.csv", []);
        string header = Write("header.csv", ["a,label"]);
        EmptySourceException error =
            await Assert.ThrowsAsync<EmptySourceException>(() => _session.ReadLabeledTableAsync(empty));
        Assert.StartsWith($"{empty} is empty. Expected a header", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<EmptySourceException>(() => _session.ReadLabeledTableAsync(header));
        Assert.StartsWith($"{header} has a header but no rows.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadLabeledTableAsync_MissingFile_NamesTheNearest()
    {
        Write("iris.csv", ["a,label", "1,x"]);
        SourceNotFoundException error = await Assert.ThrowsAsync<SourceNotFoundException>(
            () => _session.ReadLabeledTableAsync(_folder.File("irsi.csv")));
        Assert.Contains("'iris.csv'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadLabeledTableAsync_ColumnTwice_IsRefused()
    {
        string path = Write("t.csv", ["a,label,a", "1,x,2"]);
        AmbiguousColumnException error = await Assert.ThrowsAsync<AmbiguousColumnException>(
            () => _session.ReadLabeledTableAsync(path));
        Assert.Equal(
            $"{path} has the column 'a' more than once: columns 1 and 3. Rename them in the header.", error.Message);
    }

    [Fact]
    public async Task ReadLabeledTableAsync_OnlyTheLabel_SaysThatThereIsNothingToLearnFrom()
    {
        string path = Write("t.csv", ["label", "x"]);
        LearningDataException error =
            await Assert.ThrowsAsync<LearningDataException>(() => _session.ReadLabeledTableAsync(path));
        Assert.StartsWith("The table has no features.", error.Message, StringComparison.Ordinal);
    }

    private string Write(string name, IEnumerable<string> lines)
    {
        string path = _folder.File(name);
        File.WriteAllLines(path, lines);
        return path;
    }
}
