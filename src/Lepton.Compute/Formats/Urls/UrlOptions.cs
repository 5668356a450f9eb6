namespace Lepton.Compute.Formats;

/// <summary>How URLs are loaded.</summary>
public sealed record UrlOptions
{
    /// <summary>How many are loaded at a time, from 1 to 1,024; their bodies are what memory holds.</summary>
    public int ConcurrencyMax { get; init; } = 8;

    /// <summary>How often each is tried, from 1 to 100.</summary>
    public int AttemptsMax { get; init; } = 5;

    /// <summary>How long one attempt may take, body included; above zero.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The pause behind the first failed attempt; it doubles with each further one. Half of it is random. Above zero.
    /// </summary>
    public TimeSpan BackoffFirst { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest such pause; not below <see cref="BackoffFirst"/>.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The longest pause that a server's <c>Retry-After</c> gets; one that asks for more is given up. From zero.
    /// </summary>
    public TimeSpan RetryAfterMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The largest body, in bytes, from 1 to 2,147,483,591.</summary>
    public long BytesMax { get; init; } = 256L * 1024 * 1024;

    /// <summary>Seeds the random part of pauses; with the URL and the attempt it gives the same pause again.</summary>
    public long Seed { get; init; }

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">Some are out of their range; the message lists them all.</exception>
    public void Validate()
    {
        var errors = new List<string>();
        Check(ConcurrencyMax is >= 1 and <= 1024, $"ConcurrencyMax is {ConcurrencyMax}, but must be from 1 to 1024");
        Check(AttemptsMax is >= 1 and <= 100, $"AttemptsMax is {AttemptsMax}, but must be from 1 to 100");
        Check(AttemptTimeout > TimeSpan.Zero, $"AttemptTimeout is {AttemptTimeout}, but must be above zero");
        Check(BackoffFirst > TimeSpan.Zero, $"BackoffFirst is {BackoffFirst}, but must be above zero");
        Check(BackoffMax >= BackoffFirst, $"BackoffMax is {BackoffMax}, but must not be below BackoffFirst " +
            $"({BackoffFirst})");
        Check(RetryAfterMax >= TimeSpan.Zero, $"RetryAfterMax is {RetryAfterMax}, but must not be negative");
        Check(BytesMax >= 1 && BytesMax <= Array.MaxLength, $"BytesMax is {BytesMax}, but must be from 1 to " +
            $"{Array.MaxLength}");
        if (errors.Count > 0)
        {
            throw new ArgumentException($"UrlOptions can't be used: {string.Join("; ", errors)}.");
        }

        void Check(bool holds, string error)
        {
            if (!holds)
            {
                errors.Add(error);
            }
        }
    }
}
