using System.Globalization;
using System.Text;
using Lepton.Compute.Formats;
using Microsoft.AspNetCore.Http;

namespace Lepton.Compute.Tests.Formats;

public sealed class UrlLoaderTests : IDisposable
{
    private static readonly UrlOptions Options = new() { AttemptsMax = 3 };
    private readonly InstantTime _time = new(never: Options.AttemptTimeout);
    private readonly HttpMessageHandler _handler = UrlLoader.NewHandler();
    private readonly UrlLoader _loader;

    public UrlLoaderTests() => _loader = new UrlLoader(_handler, _time);

    public void Dispose()
    {
        _loader.Dispose();
        _handler.Dispose();
    }

    private Task<byte[]> LoadAsync(Uri url, UrlOptions? options = null) =>
        _loader.LoadAsync(url, options ?? Options, TestContext.Current.CancellationToken);

    private Task<UrlLoadException> FailsAsync(Uri url, UrlOptions? options = null) =>
        Assert.ThrowsAsync<UrlLoadException>(() => LoadAsync(url, options));

    /// <summary>Answers with the first status until it has been asked so often, then with the body.</summary>
    private static Func<HttpContext, Task> Failing(int times, int status, Action<HttpResponse>? prepare = null)
    {
        int asked = 0;
        return context =>
        {
            if (Interlocked.Increment(ref asked) > times)
            {
                return context.Response.WriteAsync("body");
            }

            context.Response.StatusCode = status;
            prepare?.Invoke(context.Response);
            return Task.CompletedTask;
        };
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Load_ServerRecovers_RetriesWithGrowingPauses(int status)
    {
        await using UrlServer server = await UrlServer.StartAsync(Failing(2, status));
        Assert.Equal("body", Encoding.UTF8.GetString(await LoadAsync(server.Url("/a"))));
        TimeSpan[] waits = [.. _time.Waits];
        Assert.Equal(2, waits.Length);
        Assert.InRange(waits[0].TotalMilliseconds, 100, 200);
        Assert.InRange(waits[1].TotalMilliseconds, 200, 400);
    }

    [Fact]
    public async Task Load_ServerKeepsFailing_NamesUrlAttemptsAndCause()
    {
        await using UrlServer server = await UrlServer.StartAsync(Failing(99, 503));
        UrlLoadException error = await FailsAsync(server.Url("/a?b=c"));
        Assert.Equal(
            $"{server.Url("/a?b=c")} could not be loaded in 3 attempts: the server answers 503 Service Unavailable. " +
            "Try again when the server answers, or raise UrlOptions.AttemptsMax.", error.Message);
        Assert.Equal((3, "the server answers 503 Service Unavailable"), (error.Attempts, error.LastCause));
    }

    [Theory]
    [InlineData(404, "Not Found")]
    [InlineData(403, "Forbidden")]
    public async Task Load_ClientError_FailsAtOnce(int status, string reason)
    {
        await using UrlServer server = await UrlServer.StartAsync(Failing(1, status));
        UrlLoadException error = await FailsAsync(server.Url("/a"));
        Assert.Equal(
            $"{server.Url("/a")} could not be loaded in 1 attempt: the server answers {status} {reason}. Trying " +
            "again would not help: check the address, your access to it, and UrlOptions.", error.Message);
        Assert.Empty(_time.Waits);
    }

    [Fact]
    public async Task Load_RetryAfter_IsHonouredInBothForms()
    {
        await using UrlServer seconds = await UrlServer.StartAsync(Failing(1, 429,
            response => response.Headers.RetryAfter = "7"));
        await LoadAsync(seconds.Url("/"));
        string date = _time.Now.AddSeconds(9).ToString("R", CultureInfo.InvariantCulture);
        await using UrlServer dated = await UrlServer.StartAsync(Failing(1, 503,
            response => response.Headers.RetryAfter = date));
        await LoadAsync(dated.Url("/"));
        Assert.Equal([TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(9)], _time.Waits);
    }

    [Fact]
    public async Task Load_RetryAfterTooLong_GivesUp()
    {
        await using UrlServer server = await UrlServer.StartAsync(Failing(1, 429,
            response => response.Headers.RetryAfter = "3600"));
        UrlLoadException error = await FailsAsync(server.Url("/"));
        Assert.Equal(
            $"{server.Url("/")} could not be loaded in 1 attempt: the server answers 429 Too Many Requests, and asks " +
            "to wait 01:00:00. That is more than UrlOptions.RetryAfterMax (00:01:00): try later, or raise " +
            "it.", error.Message);
    }

    [Fact]
    public async Task Load_NobodyListens_IsANetworkError()
    {
        Uri url;
        await using (UrlServer server = await UrlServer.StartAsync(Failing(0, 200)))
        {
            url = server.Url("/");
        }

        UrlLoadException error = await FailsAsync(url);
        Assert.StartsWith($"{url} could not be loaded in 3 attempts: the connection failed: Connection refused",
            error.Message,
            StringComparison.Ordinal);
        Assert.IsType<HttpRequestException>(error.InnerException);
    }

    [Fact]
    public async Task Load_BodyCutOff_IsTriedAgain()
    {
        int asked = 0;
        await using UrlServer server = await UrlServer.StartAsync(async context =>
        {
            context.Response.ContentLength = 4;
            bool cuts = Interlocked.Increment(ref asked) == 1;
            await context.Response.WriteAsync(cuts ? "bo" : "body");
            await context.Response.Body.FlushAsync();
            if (cuts)
            {
                context.Abort();
            }
        });
        Assert.Equal("body", Encoding.UTF8.GetString(await LoadAsync(server.Url("/"))));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task Load_AttemptTakesTooLong_IsTriedAgain()
    {
        int asked = 0;
        await using UrlServer server = await UrlServer.StartAsync(async context =>
        {
            Interlocked.Increment(ref asked);
            var gone = new TaskCompletionSource();
            await using CancellationTokenRegistration registration = context.RequestAborted.Register(gone.SetResult);
            await gone.Task;
        });
        var options = new UrlOptions { AttemptsMax = 2, AttemptTimeout = TimeSpan.FromSeconds(5) };
        UrlLoadException error = await FailsAsync(server.Url("/"), options);
        Assert.Equal(
            $"{server.Url("/")} could not be loaded in 2 attempts: no complete answer within 5 s. Try again when the " +
            "server answers, or raise UrlOptions.AttemptsMax.", error.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Load_BodyTooLarge_IsRefusedAnnouncedOrNot(bool announced)
    {
        await using UrlServer server = await UrlServer.StartAsync(async context =>
        {
            context.Response.ContentLength = announced ? 100_001 : null;
            await context.Response.Body.WriteAsync(new byte[100_001]);
        });
        UrlLoadException error = await FailsAsync(server.Url("/"), Options with { BytesMax = 100_000 });
        Assert.Equal("the body is larger than UrlOptions.BytesMax (100000 bytes)", error.LastCause);
        Assert.Equal(1, error.Attempts);
        Assert.Equal(100_001, (await LoadAsync(server.Url("/"), Options with { BytesMax = 100_001 })).Length);
    }

    [Fact]
    public async Task Load_Cancelled_StopsAsCancelled()
    {
        using var cancel = new CancellationTokenSource();
        await using UrlServer server = await UrlServer.StartAsync(async context =>
        {
            await cancel.CancelAsync();
            context.Response.StatusCode = 503;
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _loader.LoadAsync(server.Url("/"), Options,
            cancel.Token));
    }

    [Fact]
    public async Task Load_NoHttpUrl_IsRefused()
    {
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(
            () => LoadAsync(new Uri("file:///data.csv")));
        Assert.Equal(
            "'file:///data.csv' can't be loaded: a URL must start with http:// or https://. Read local files by " +
            "their path.", error.Message);
    }

    [Fact]
    public async Task LoadMany_Urls_AreInOrderWithBoundedConcurrency()
    {
        int running = 0;
        int most = 0;
        var full = new TaskCompletionSource();
        await using UrlServer server = await UrlServer.StartAsync(async context =>
        {
            int now = Interlocked.Increment(ref running);
            most = Math.Max(most, now);
            if (now == 3)
            {
                full.TrySetResult();
            }

            // The first three only end together: fewer at a time would hang, and the runner would name this test.
            await full.Task;
            Interlocked.Decrement(ref running);
            await context.Response.WriteAsync(context.Request.Path.Value!);
        });
        var bodies = new List<string>();
        IEnumerable<Uri> urls = Enumerable.Range(0, 20).Select(number => server.Url($"/{number}"));
        await foreach (byte[] body in _loader.LoadManyAsync(urls, Options with { ConcurrencyMax = 3 },
            TestContext.Current.CancellationToken))
        {
            bodies.Add(Encoding.UTF8.GetString(body));
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(number => $"/{number}"), bodies);
        Assert.InRange(most, 3, 3);
    }

    [Fact]
    public async Task LoadMany_OneFails_EndsWithItsErrorAndStopsTheOthers()
    {
        await using UrlServer server = await UrlServer.StartAsync(async context =>
        {
            if (context.Request.Path == "/1")
            {
                context.Response.StatusCode = 404;
                return;
            }

            if (context.Request.Path == "/2")
            {
                var gone = new TaskCompletionSource();
                await using CancellationTokenRegistration registration = context.RequestAborted.Register(
                    gone.SetResult);
                await gone.Task;
            }
        });
        int taken = 0;
        IEnumerable<Uri> urls = Enumerable.Range(0, 3).Select(number => server.Url($"/{number}"));
        UrlLoadException error = await Assert.ThrowsAsync<UrlLoadException>(async () =>
        {
            await foreach (byte[] _ in _loader.LoadManyAsync(urls, Options, TestContext.Current.CancellationToken))
            {
                taken++;
            }
        });
        Assert.Equal((1, server.Url("/1")), (taken, error.Url));
    }

    [Fact]
    public void Backoff_SameSeed_GivesTheSamePauses()
    {
        static TimeSpan Pause(int attempt, long seed, string name = "u") =>
            Backoff.Pause(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), attempt, name, seed);

        Assert.Equal(Pause(1, 5), Pause(1, 5));
        Assert.NotEqual(Pause(1, 5), Pause(1, 6));
        Assert.NotEqual(Pause(1, 5), Pause(1, 5, "v"));
        Assert.All(Enumerable.Range(1, 60), attempt =>
            Assert.InRange(Pause(attempt, 1).TotalSeconds, Math.Min(10, Math.Pow(2, attempt - 1)) / 2,
                Math.Min(10, Math.Pow(2, attempt - 1))));
    }

    [Fact]
    public void Validate_BadOptions_AreListedTogether() => Assert.Equal(
        "UrlOptions can't be used: ConcurrencyMax is 0, but must be from 1 to 1024; AttemptsMax is 0, but must be " +
        "from 1 to 100; AttemptTimeout is 00:00:00, but must be above zero; BackoffFirst is 00:00:00, but must be " +
        "above zero; BackoffMax is -00:00:01, but must not be below BackoffFirst (00:00:00); RetryAfterMax is " +
        "-00:00:01, but must not be negative; BytesMax is 0, but must be from 1 " +
        "to 2147483591.",
        Assert.Throws<ArgumentException>(new UrlOptions
        {
            ConcurrencyMax = 0,
            AttemptsMax = 0,
            AttemptTimeout = TimeSpan.Zero,
            BackoffFirst = TimeSpan.Zero,
            BackoffMax = TimeSpan.FromSeconds(-1),
            RetryAfterMax = TimeSpan.FromSeconds(-1),
            BytesMax = 0,
        }.Validate).Message);
}
