using System.Globalization;
using Lepton.Core.Records;
using Lepton.Rpc.Server;
using Microsoft.AspNetCore.Http;

namespace Lepton.Compute.Shuffle;

/// <summary>Serves the shuffle outputs of one worker: <c>GET /blocks/{file}/{partition}</c>, streamed.</summary>
internal static class BlockEndpoint
{
    /// <summary>Starts a server for the files in <paramref name="directory"/>; callers show the session's
    /// token.</summary>
    public static Task<RpcServer> StartAsync(string directory, string token)
    {
        var services = new RpcServices();
        services.MapHttp("GET", "/blocks/{file}/{partition}", context => ServeAsync(context, directory));
        return RpcServer.StartAsync(
            services, new RpcServerOptions { Authenticator = BearerToken.Authenticator(token) },
                CancellationToken.None);
    }

    private static async Task ServeAsync(HttpContext context, string directory)
    {
        string file = Uri.UnescapeDataString((string)context.Request.RouteValues["file"]!);
        string path = Path.Combine(directory, file);
        if (file.Contains('/', StringComparison.Ordinal) || file.Contains("..", StringComparison.Ordinal)
            || !int.TryParse((string?)context.Request.RouteValues["partition"], CultureInfo.InvariantCulture,
                out int partition)
            || !File.Exists(path))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        try
        {
            using var reader = new PartitionedFileReader(path, partition);
            context.Response.ContentLength = reader.TotalBytes;
            await reader.CopyToAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CorruptRecordException or IOException && !context.Response.HasStarted)
        {
            // The reader of the shuffle learns it from the status, and has the output made again.
            context.Response.StatusCode = StatusCodes.Status410Gone;
            context.Response.ContentLength = 0;
        }
    }
}
