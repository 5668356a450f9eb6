namespace Lepton.Coordination.Client;

/// <summary>Where a client finds its servers, and how patient it is. Checked once, when the client is made.</summary>
public sealed record CoordinationClientOptions
{
    /// <summary>Where a server listens by default.</summary>
    public static readonly Uri DefaultEndpoint = new("http://127.0.0.1:2379");

    /// <summary>
    /// The servers, members of one cluster. One is used until it fails, then the next; which is the first is drawn by
    /// <see cref="Seed"/>, so that many clients spread.
    /// </summary>
    public IReadOnlyList<Uri> Endpoints { get; init; } = [DefaultEndpoint];

    /// <summary>How long a call may take by default, retries included; 5 s.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long one server may take over a read, or over the start of a watch, before the next is asked; 2 s. A write
    /// waits its whole time, since it could not be sent again anyway.
    /// </summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a connection may take to come about; 1 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The largest answer in bytes; 64 MiB. Read large ranges in pages.</summary>
    public int MessageBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>Certificates for <c>https</c> endpoints; null trusts the machine's authorities and shows
    /// none.</summary>
    public CoordinationTlsOptions? Tls { get; init; }

    /// <summary>Sent with every request as <c>authorization: Bearer</c>; null sends none.</summary>
    public string? BearerToken { get; init; }

    /// <summary>Decides the first endpoint, pauses between retries and lease ids; null draws a seed.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The clock of all time limits.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Throws with all that is wrong at once.</summary>
    internal void Validate()
    {
        List<string> errors = [];
        if (Endpoints.Count == 0)
        {
            errors.Add($"{nameof(Endpoints)} is empty; name one server at least, such as {DefaultEndpoint}.");
        }

        foreach (Uri endpoint in Endpoints.Where(endpoint => !IsServer(endpoint)))
        {
            errors.Add($"'{endpoint}' is no address of a server; write scheme, host and port, like {DefaultEndpoint}.");
        }

        foreach (IGrouping<Uri, Uri> twice in Endpoints.GroupBy(endpoint => endpoint).Where(same => same.Count() > 1))
        {
            errors.Add($"'{twice.Key}' is given {twice.Count()} times; give each server once.");
        }

        if (Tls is not null && Endpoints.Any(endpoint => endpoint is { IsAbsoluteUri: true, Scheme: "http" }))
        {
            errors.Add("There are certificates for endpoints that are not encrypted; write https://, " +
                $"or leave out {nameof(Tls)}.");
        }

        RequireTime(CallTimeout, nameof(CallTimeout));
        RequireTime(AttemptTimeout, nameof(AttemptTimeout));
        RequireTime(ConnectTimeout, nameof(ConnectTimeout));
        if (MessageBytesMax < 1)
        {
            errors.Add($"{nameof(MessageBytesMax)} is {MessageBytesMax}; it must be above 0.");
        }

        if (errors.Count > 0)
        {
            throw new ArgumentException("The client's options are wrong: " + string.Join(' ', errors));
        }

        void RequireTime(TimeSpan time, string name)
        {
            if (time <= TimeSpan.Zero)
            {
                errors.Add($"{name} is {time}; it must be above 0.");
            }
        }
    }

    private static bool IsServer(Uri endpoint) =>
        endpoint is { IsAbsoluteUri: true, Scheme: "http" or "https", AbsolutePath: "/", Query: "" };
}
