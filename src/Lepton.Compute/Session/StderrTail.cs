namespace Lepton.Compute.Session;

/// <summary>
/// The end of what a worker wrote to its standard error, and its last words: what the runtime said when it ended the
/// process, without the stack that follows, which is often longer than the tail. Thread safe.
/// </summary>
internal sealed class StderrTail
{
    private const int LinesMax = 20;
    private const int WordsLinesMax = 4;

    // How the .NET runtime begins when it ends a process.
    private static readonly string[] s_fatal =
        ["Unhandled exception.", "Process terminated.", "Stack overflow.", "Out of memory.", "Fatal error."];

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = [];
    private readonly List<string> _words = [];
    private bool _speaking;

    /// <summary>The last lines.</summary>
    public string Text
    {
        get
        {
            lock (_lock)
            {
                return string.Join(Environment.NewLine, _lines);
            }
        }
    }

    /// <summary>What the runtime said at the end; else the last line that says something; else nothing.</summary>
    public string LastWords
    {
        get
        {
            lock (_lock)
            {
                return _words.Count > 0
                    ? string.Join(' ', _words)
                    : _lines.LastOrDefault(line => line.Length > 0) ?? "";
            }
        }
    }

    public void Add(string line)
    {
        lock (_lock)
        {
            _lines.Enqueue(line);
            if (_lines.Count > LinesMax)
            {
                _lines.Dequeue();
            }

            Listen(line.Trim());
        }
    }

    private void Listen(string line)
    {
        if (s_fatal.Any(start => line.StartsWith(start, StringComparison.Ordinal)))
        {
            _words.Clear();
            _speaking = true;
        }

        bool isStack = line.StartsWith("at ", StringComparison.Ordinal)
            || line.StartsWith("---", StringComparison.Ordinal);
        _speaking &= !isStack && _words.Count < WordsLinesMax;
        if (_speaking && line.Length > 0)
        {
            _words.Add(line);
        }
    }
}
