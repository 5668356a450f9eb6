namespace Lepton.Compute.Formats;

/// <summary>Rows as records, classes or structs, with a member for a column by name.</summary>
internal sealed class MemberShape<T>(CsvMembers members) : CsvShape<T>
{
    private readonly string[] _names = [.. members.Members.Select(member => member.Name)];

    public override Func<CsvRow, T> Parse { get; } = CsvCompiler.Parser<T>(members);

    public override Action<CsvRowWriter, T> Write { get; } = CsvCompiler.Writer<T>(members);

    public override int[] Bind(CsvHeader header) => header.Names is null
        ? BindByPosition(header, _names, "Name the columns with CsvOptions.ColumnNames, or check the delimiter.")
        : ColumnNames.Match(header, members.Members, typeof(T).Name);

    public override IReadOnlyList<string> FixedNames(CsvOptions options) => _names;
}
