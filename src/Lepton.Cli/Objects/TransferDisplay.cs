using System.Globalization;

namespace Lepton.Cli.Objects;

/// <summary>
/// Says how far a transfer is: one line on a terminal, written over again and again on standard error, and nothing
/// where that is no terminal. Lines for standard output go through it, so that they do not mix with it. Thread safe.
/// </summary>
internal sealed class TransferDisplay : IProgress<long>, IAsyncDisposable
{
    private const int BarLength = 20;
    private const int WidthOtherwise = 80;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private readonly TextWriter _output;
    private readonly TextWriter? _terminal;
    private readonly TimeProvider _timeProvider;
    private readonly TransferRate _rate = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly long _startedAt;
    private readonly Task _drawing;
    private long _bytes;
    private long _total;
    private int _length;

    /// <param name="output">For lines that stay.</param>
    /// <param name="terminal">For the line that is written over; null: there is no terminal.</param>
    /// <param name="timeProvider">The clock.</param>
    public TransferDisplay(TextWriter output, TextWriter? terminal, TimeProvider timeProvider)
    {
        (_output, _terminal, _timeProvider) = (output, terminal, timeProvider);
        _startedAt = timeProvider.GetTimestamp();
        _drawing = terminal is null ? Task.CompletedTask : DrawAsync();
    }

    /// <summary>On this process's standard output and error.</summary>
    public static TransferDisplay OnConsole() => new(
        Console.Out,
        Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is "dumb" ? null : Console.Error,
        TimeProvider.System);

    /// <summary>How many bytes there are to move; 0: nobody knows.</summary>
    public void Expect(long bytes) => Interlocked.Exchange(ref _total, bytes);

    /// <summary>Bytes that were moved.</summary>
    public void Report(long value) => Interlocked.Add(ref _bytes, value);

    /// <summary>A line of standard output.</summary>
    public void Tell(string line)
    {
        lock (_gate)
        {
            Wipe();
            _output.WriteLine(line);
        }
    }

    /// <summary>How much was moved, how long it took and how fast it was: "12.3 MiB in 1.2 s, 10.3 MiB/s".</summary>
    public string Pace(long bytes)
    {
        if (bytes == 0)
        {
            return TextForms.Bytes(0);
        }

        double seconds = Math.Max(_timeProvider.GetElapsedTime(_startedAt).TotalSeconds, 0.001);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{TextForms.Bytes(bytes)} in {seconds:0.0} s, {TextForms.Bytes(bytes / seconds)}/s");
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _drawing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
        lock (_gate)
        {
            Wipe();
        }
    }

    /// <summary>What is shown.</summary>
    /// <param name="bytes">Moved.</param>
    /// <param name="total">To move; 0: nobody knows.</param>
    /// <param name="bytesPerSecond">Now.</param>
    internal static string Line(long bytes, long total, double bytesPerSecond)
    {
        string rate = $"{TextForms.Bytes(bytesPerSecond)}/s";
        if (total <= 0)
        {
            return $"{TextForms.Bytes(bytes)}  {rate}";
        }

        // A part that was sent again is told again.
        bytes = Math.Min(bytes, total);
        int filled = (int)(BarLength * (double)bytes / total);
        string bar = new string('#', filled) + new string('.', BarLength - filled);
        string left = bytesPerSecond <= 0
            ? "stalled"
            : TextForms.Duration(TimeSpan.FromSeconds(Math.Min((total - bytes) / bytesPerSecond, 360_000))) + " left";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"[{bar}] {Math.Floor(100 * (double)bytes / total),3:0}%  {TextForms.Bytes(bytes)} of " +
            $"{TextForms.Bytes(total)}  {rate}  {left}");
    }

    private async Task DrawAsync()
    {
        using PeriodicTimer clock = new(s_interval, _timeProvider);
        while (await clock.WaitForNextTickAsync(_ended.Token).ConfigureAwait(false))
        {
            long bytes = Interlocked.Read(ref _bytes);
            double rate = _rate.Add(_timeProvider.GetElapsedTime(_startedAt).TotalSeconds, bytes);
            string line = Line(bytes, Interlocked.Read(ref _total), rate);
            lock (_gate)
            {
                Draw(line);
            }
        }
    }

    private void Draw(string line)
    {
        int width = Console.IsErrorRedirected || Console.WindowWidth <= 0 ? WidthOtherwise : Console.WindowWidth;
        line = line.Length < width ? line : line[..(width - 1)];
        _terminal!.Write("\r" + line.PadRight(_length));
        _terminal.Flush();
        _length = line.Length;
    }

    private void Wipe()
    {
        if (_length > 0)
        {
            _terminal!.Write("\r" + new string(' ', _length) + "\r");
            _terminal.Flush();
            _length = 0;
        }
    }
}
