namespace Lepton.Compute.Formats;

/// <summary>
/// Matches members to columns: by the same name; else ignoring case; else ignoring case and whatever is no letter or
/// digit, so <c>sepal_length_cm</c>, <c>Sepal Length (cm)</c> and <c>SepalLengthCm</c> are one.
/// </summary>
internal static class ColumnNames
{
    public static int[] Match(CsvHeader header, IReadOnlyList<CsvMember> members, string type)
    {
        IReadOnlyList<string> names = header.Names!;
        string? twice = names.GroupBy(name => name, StringComparer.Ordinal)
            .FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
        {
            IEnumerable<int> places = Enumerable.Range(0, names.Count).Where(column => names[column] == twice)
                .Select(column => column + 1);
            throw new AmbiguousColumnException(header.File,
                $"{header.File} has the column '{twice}' more than once: columns {string.Join(" and ", places)}. " +
                "Rename them in the header, or read the rows as arrays or tuples.");
        }

        string[] plain = [.. names.Select(Plain)];
        int[] columns = [.. members.Select(member => Find(header, names, plain, member))];
        string[] missing = [.. members.Where((member, slot) => columns[slot] == CsvRow.NoColumn && !member.IsOptional)
            .Select(member => member.Name)];
        return missing.Length == 0 ? columns : throw new MissingColumnException(header.File, type, missing, names);
    }

    private static int Find(CsvHeader header, IReadOnlyList<string> names, string[] plain, CsvMember member)
    {
        int[] all = [.. Enumerable.Range(0, names.Count)];
        int[] found = Array.FindAll(all, column => names[column] == member.Name);
        found = found.Length > 0 ? found :
            Array.FindAll(all, column => string.Equals(names[column], member.Name, StringComparison.OrdinalIgnoreCase));
        found = found.Length > 0 ? found : Array.FindAll(all, column => plain[column] == Plain(member.Name));
        if (found.Length > 1)
        {
            throw new AmbiguousColumnException(header.File,
                $"{header.File} has several columns that fit {member.Property.Name}: " +
                $"{string.Join(", ", found.Select(column => $"'{names[column]}'"))}. " +
                "Put [CsvColumn(\"name\")] with the exact name on it.");
        }

        return found.Length == 0 ? CsvRow.NoColumn : found[0];
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();
}
