namespace Lepton.Compute.Formats;

/// <summary>
/// How CSV is read and written (RFC 4180, UTF-8, a byte order mark is skipped). Empty lines are left out.
/// </summary>
public sealed record CsvOptions
{
    /// <summary>
    /// What stands between two fields: one ASCII character, not a letter, a digit, the quote or a line end. A comma
    /// unless set.
    /// </summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>
    /// What encloses fields that hold delimiters, line ends or quotes (then doubled): one ASCII character, or null when
    /// quotes are characters like others. It encloses only where it starts a field; <c>5" pipe</c> is text.
    /// </summary>
    public char? Quote { get; init; } = '"';

    /// <summary>Whether each file starts with the columns' names, on read and on write.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>
    /// The columns' names where <see cref="HasHeader"/> is false; without them a record's members are taken in their
    /// order. Writing arrays and tuples takes the header from here.
    /// </summary>
    public IReadOnlyList<string>? ColumnNames { get; init; }

    /// <summary>
    /// Fields that mean "no value": null for nullable members. A non-nullable string keeps the text, and so does a
    /// nullable one whose field is quoted.
    /// </summary>
    public IReadOnlyList<string> MissingValues { get; init; } = ["", "NA"];

    /// <summary>Whether a missing value of a double, float or Half is NaN rather than an error.</summary>
    public bool MissingAsNaN { get; init; }

    /// <summary>What happens with rows that can't be read.</summary>
    public OnError OnError { get; init; } = OnError.Fail;

    /// <summary>Whether spaces and tabs around fields, outside of quotes, are dropped.</summary>
    public bool TrimFields { get; init; }

    /// <summary>How many left-out rows are listed, from 0; all are counted.</summary>
    public int SkippedRowsListedMax { get; init; } = 20;

    /// <summary>Checks that the options go together.</summary>
    /// <exception cref="ArgumentException">They don't; the message lists everything that is wrong.</exception>
    public void Validate()
    {
        var errors = new List<string>();
        if (!char.IsAscii(Delimiter) || char.IsAsciiLetterOrDigit(Delimiter) || Delimiter is '\r' or '\n' or '\0')
        {
            errors.Add($"Delimiter is U+{(int)Delimiter:X4}, but must be an ASCII character that is no letter, digit " +
                "or line end");
        }

        if (Quote is char quote && (!char.IsAscii(quote) || quote is '\r' or '\n' or ' ' or '\t' or '\0'))
        {
            errors.Add($"Quote is U+{(int)quote:X4}, but must be an ASCII character that is no space or line end, or " +
                "null");
        }

        if (Quote == Delimiter)
        {
            errors.Add($"Quote and Delimiter are both '{Delimiter}', but must differ");
        }

        if (ColumnNames is { Count: 0 })
        {
            errors.Add("ColumnNames is empty, but must name every column or be null");
        }

        if (SkippedRowsListedMax < 0)
        {
            errors.Add($"SkippedRowsListedMax is {SkippedRowsListedMax}, but must be 0 or more");
        }

        if (errors.Count > 0)
        {
            throw new ArgumentException($"CsvOptions can't be used: {string.Join("; ", errors)}.");
        }
    }
}
