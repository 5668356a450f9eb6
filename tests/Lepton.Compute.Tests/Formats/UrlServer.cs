using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lepton.Compute.Tests.Formats;

/// <summary>An HTTP server on a free loopback port whose answers a test writes.</summary>
internal sealed class UrlServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private UrlServer(WebApplication app) => _app = app;

    public static async Task<UrlServer> StartAsync(Func<HttpContext, Task> answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        app.Run(context => answer(context));
        await app.StartAsync();
        return new UrlServer(app);
    }

    public Uri Url(string path) => new($"{_app.Urls.First()}{path}");

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
