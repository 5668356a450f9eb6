namespace Lepton.Cli.Objects;

/// <summary>How fast bytes move now: over the last seconds, not since the beginning, so that a stall shows.</summary>
internal sealed class TransferRate
{
    private const double WindowSeconds = 5;
    private readonly Queue<(double Seconds, long Bytes)> _samples = new([(0, 0)]);

    /// <summary>Takes what was moved until a time.</summary>
    /// <param name="seconds">Since the beginning, not below those before.</param>
    /// <param name="bytes">Since the beginning.</param>
    /// <returns>Bytes a second; 0 where nothing moves.</returns>
    public double Add(double seconds, long bytes)
    {
        _samples.Enqueue((seconds, bytes));
        while (_samples.Count > 2 && _samples.Peek().Seconds < seconds - WindowSeconds)
        {
            _samples.Dequeue();
        }

        (double since, long before) = _samples.Peek();
        return seconds > since ? (bytes - before) / (seconds - since) : 0;
    }
}
