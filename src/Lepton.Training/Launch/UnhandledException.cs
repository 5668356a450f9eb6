namespace Lepton.Training.Launch;

/// <summary>
/// Reads from a rank's standard error what .NET's runtime writes there as it ends a process: the exception that nobody
/// caught, a stack overflow, or what <see cref="Environment.FailFast(string)"/> was told. So the launcher knows of what
/// a rank failed before <see cref="Ranks.RankContext.Join(TimeSpan?)"/>, from which on ranks write exceptions to a
/// file, and of what can't be caught. Not thread safe.
/// </summary>
internal sealed class UnhandledException
{
    private const string Start = "Unhandled exception. ";
    private const string Frame = "   at ";
    private static readonly string[] s_otherStarts = ["Process terminated.", "Stack overflow."];
    private const int LinesMax = 1000;
    private readonly List<string> _lines = [];

    /// <summary>The type and the message; null where there was none.</summary>
    public string? Message => _lines.Count == 0
        ? null
        : string.Join('\n', _lines.TakeWhile(static line => !IsFrame(line)));

    /// <summary>The message, and the frames; null where there was none.</summary>
    public string? Stack => _lines.Count == 0 ? null : string.Join('\n', _lines);

    /// <summary>Takes the next line. The runtime ends the process behind the last one of an exception.</summary>
    public void Read(string line)
    {
        if (line.StartsWith(Start, StringComparison.Ordinal))
        {
            _lines.Clear();
            _lines.Add(line[Start.Length..]);
        }
        else if (s_otherStarts.Any(start => line.StartsWith(start, StringComparison.Ordinal)))
        {
            _lines.Clear();
            _lines.Add(line);
        }
        else if (_lines.Count is > 0 and < LinesMax && line.Length > 0)
        {
            _lines.Add(line);
        }
    }

    /// <summary>Whether a line of an exception belongs to its stack, and no longer to its message.</summary>
    public static bool IsFrame(string line) =>
        line.StartsWith(Frame, StringComparison.Ordinal) || line.StartsWith(" ---> ", StringComparison.Ordinal);
}
