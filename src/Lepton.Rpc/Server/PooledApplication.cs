using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lepton.Rpc.Server;

/// <summary>
/// Requests of a Kestrel without a host. Kestrel keeps a context with each of its streams, for the next request that
/// they serve. Thread safe.
/// </summary>
/// <param name="serve">Answers a request.</param>
public sealed class PooledApplication(Func<HttpContext, Task> serve) : IHttpApplication<DefaultHttpContext>
{
    public DefaultHttpContext CreateContext(IFeatureCollection contextFeatures)
    {
        if (contextFeatures is not IHostContextContainer<DefaultHttpContext> container)
        {
            return new DefaultHttpContext(contextFeatures);
        }

        if (container.HostContext is not { } context)
        {
            return container.HostContext = new DefaultHttpContext(contextFeatures);
        }

        context.Initialize(contextFeatures);
        return context;
    }

    public Task ProcessRequestAsync(DefaultHttpContext context) => serve(context);

    public void DisposeContext(DefaultHttpContext context, Exception? exception)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Uninitialize();
    }
}
