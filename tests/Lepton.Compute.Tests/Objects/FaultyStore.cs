using System.Collections.Concurrent;
using Lepton.Compute.Tests.Formats;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lepton.Compute.Tests.Objects;

/// <summary>Stands before a real store, and does to single requests what networks and stores do.</summary>
internal sealed class FaultyStore : IAsyncDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseProxy = false, UseCookies = false,
    });
    private readonly ConcurrentDictionary<Fault, byte> _faults = new();
    private readonly string _store;
    private UrlServer? _server;

    private FaultyStore(string store) => _store = store;

    public Uri Address => _server!.Url("");

    public static async Task<FaultyStore> StartAsync(string store)
    {
        FaultyStore faulty = new(store);
        faulty._server = await UrlServer.StartAsync(faulty.AnswerAsync);
        return faulty;
    }

    /// <summary>From now on, until it is disposed, does something to the requests that are meant.</summary>
    /// <param name="isMeant">By the method and by the path with its query.</param>
    /// <param name="times">How often.</param>
    /// <param name="instead">
    /// Is given the request, and what answers it, up to so many bytes of a body, behind which the connection is cut.
    /// </param>
    public Fault On(Func<string, string, bool> isMeant, int times, Func<HttpContext, Func<int, Task>, Task> instead)
    {
        Fault fault = new(this, isMeant, times, instead);
        _faults[fault] = 0;
        return fault;
    }

    /// <summary>Answers 503, as a store that has too much to do.</summary>
    public Fault Busy(Func<string, string, bool> isMeant, int times) => On(isMeant, times, static async (context, _) =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        context.Response.StatusCode = 503;
    });

    /// <summary>Cuts the connection in the middle of the answer.</summary>
    public Fault Cut(Func<string, string, bool> isMeant, int times, int afterBytes) =>
        On(isMeant, times, (_, forward) => forward(afterBytes));

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _http.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        foreach (Fault fault in _faults.Keys)
        {
            if (fault.Takes(context.Request.Method, Target(context)))
            {
                await fault.Instead(context, bytesMax => ForwardAsync(context, bytesMax));
                return;
            }
        }

        await ForwardAsync(context, int.MaxValue);
    }

    private static string Target(HttpContext context) => context.Features.Get<IHttpRequestFeature>()!.RawTarget;

    private async Task ForwardAsync(HttpContext context, int bytesMax)
    {
        // As it came: the signature is of these very bytes.
        Uri url = new(
            _store + Target(context),
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), url);
        request.Content = new StreamContent(context.Request.Body);
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in context.Request.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                request.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        if (context.Request.Headers.ContentLength is null)
        {
            request.Content = null;
        }

        using HttpResponseMessage response = await _http.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach ((string name, IEnumerable<string> values) in response.Headers.Concat(response.Content.Headers)
            .Where(static header => header.Key != "Transfer-Encoding"))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        await RelayAsync(await response.Content.ReadAsStreamAsync(context.RequestAborted), context, bytesMax);
    }

    private static async Task RelayAsync(Stream body, HttpContext context, int bytesMax)
    {
        byte[] chunk = new byte[16 << 10];
        for (int left = bytesMax; left > 0;)
        {
            int read = await body.ReadAsync(chunk.AsMemory(0, Math.Min(chunk.Length, left)), context.RequestAborted);
            if (read == 0)
            {
                return;
            }

            left -= read;
            await context.Response.Body.WriteAsync(chunk.AsMemory(0, read), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }

        context.Abort();
    }

    /// <summary>Something that happens to some requests.</summary>
    internal sealed class Fault(
        FaultyStore store, Func<string, string, bool> isMeant, int times,
        Func<HttpContext, Func<int, Task>, Task> instead) : IDisposable
    {
        private int _taken;

        /// <summary>How often it happened.</summary>
        public int Taken => Math.Min(Volatile.Read(ref _taken), times);

        public Func<HttpContext, Func<int, Task>, Task> Instead => instead;

        public bool Takes(string method, string target) =>
            isMeant(method, target) && Interlocked.Increment(ref _taken) <= times;

        public void Dispose() => store._faults.TryRemove(this, out _);
    }
}
