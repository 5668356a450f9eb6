namespace Logs;

/// <summary>Requests, and how many of them failed on the server's side.</summary>
internal readonly record struct Tally(long Requests, long Errors)
{
    /// <summary>The share of requests that failed, 0 to 1.</summary>
    public double ErrorRate => Requests == 0 ? 0 : (double)Errors / Requests;

    /// <summary>The tally of one request.</summary>
    public static Tally Of(Access access) => new(1, access.Status >= 500 ? 1 : 0);

    public static Tally operator +(Tally a, Tally b) => new(a.Requests + b.Requests, a.Errors + b.Errors);
}
