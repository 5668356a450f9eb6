using System.Globalization;

namespace Lepton.Training.Records;

/// <summary>
/// Says how far a training is: one line that is written over on a terminal, a line every few seconds elsewhere.
/// </summary>
internal sealed class Progress(TextWriter writer, bool isTerminal, TimeProvider timeProvider, long stepsTotal)
{
    private const int BarLength = 20;
    private static readonly TimeSpan s_terminalInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_lineInterval = TimeSpan.FromSeconds(5);
    private readonly long _startedAt = timeProvider.GetTimestamp();
    private long _shownAt = timeProvider.GetTimestamp();
    private int _length;

    /// <param name="step">The last one that is done.</param>
    /// <param name="stepsHere">Steps of this process.</param>
    /// <param name="samplesPerSecond">Of all ranks.</param>
    /// <param name="epoch">From 0.</param>
    /// <param name="loss">The last one that was logged; NaN before the first.</param>
    public void Show(long step, long stepsHere, double samplesPerSecond, long epoch, double loss)
    {
        TimeSpan interval = isTerminal ? s_terminalInterval : s_lineInterval;
        if (timeProvider.GetElapsedTime(_shownAt) < interval && step < stepsTotal)
        {
            return;
        }

        _shownAt = timeProvider.GetTimestamp();
        double seconds = timeProvider.GetElapsedTime(_startedAt).TotalSeconds;
        Write(Line(step, stepsTotal, epoch, loss, samplesPerSecond, seconds / stepsHere * (stepsTotal - step)));
    }

    /// <summary>Writes a line of its own, below what is shown.</summary>
    public void Tell(string text)
    {
        if (isTerminal && _length > 0)
        {
            writer.Write("\r" + new string(' ', _length) + "\r");
            _length = 0;
        }

        writer.WriteLine(text);
        writer.Flush();
    }

    internal static string Line(
        long step, long total, long epoch, double loss, double samplesPerSecond, double secondsLeft)
    {
        int filled = (int)(BarLength * Math.Min(step, total) / Math.Max(1, total));
        string bar = new string('#', filled) + new string('.', BarLength - filled);
        var left = TimeSpan.FromSeconds(Math.Clamp(secondsLeft, 0, 360_000));
        string time = left.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)left.TotalHours}:{left.Minutes:00}:{left.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{left.Minutes}:{left.Seconds:00}");
        string known = double.IsNaN(loss) ? "" : string.Create(CultureInfo.InvariantCulture, $"loss {loss:0.0000}  ");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"[{bar}] step {step}/{total}  epoch {epoch + 1}  {known}{samplesPerSecond:N0} samples/s  {time} left");
    }

    private void Write(string line)
    {
        if (isTerminal)
        {
            writer.Write("\r" + line.PadRight(_length));
            _length = line.Length;
        }
        else
        {
            writer.WriteLine(line);
        }

        writer.Flush();
    }
}
