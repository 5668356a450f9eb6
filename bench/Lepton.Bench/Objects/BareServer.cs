using System.IO.Pipelines;
using System.Net;
using Lepton.Core.Durability;
using Lepton.Rpc.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Lepton.Bench.Objects;

/// <summary>
/// The limit of the large objects: a Kestrel that writes a body to a file, flushes it and answers, and sends it back.
/// Nothing is signed, hashed or looked up.
/// </summary>
internal static class BareServer
{
    private const int PieceBytes = 1 << 20;
    private const int FreePort = 0;

    /// <summary>Serves until its input ends, and prints where.</summary>
    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly("directory");
        Directory.CreateDirectory(arguments.Text("directory"));
        string path = Path.Combine(arguments.Text("directory"), "object");
        KestrelServerOptions options = new();
        options.Limits.MaxRequestBodySize = null;
        options.Listen(IPAddress.Loopback, FreePort, static listen => listen.Protocols = HttpProtocols.Http1);
        NullLoggerFactory loggers = NullLoggerFactory.Instance;
        using KestrelServer kestrel = new(
            Options.Create(options),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers), loggers);
        await kestrel.StartAsync(
            new PooledApplication(context => context.Request.Method == HttpMethods.Put
                ? TakeAsync(context.Request.BodyReader, path)
                : GiveAsync(context, path)),
            CancellationToken.None);
        Console.WriteLine(kestrel.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        await Console.In.ReadToEndAsync();
        await kestrel.StopAsync(CancellationToken.None);
    }

    private static async Task TakeAsync(PipeReader body, string path)
    {
        byte[] piece = new byte[PieceBytes];
        using Stream stream = body.AsStream();
        await using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        int read;
        do
        {
            read = await stream.ReadAtLeastAsync(piece, PieceBytes, throwOnEndOfStream: false);
            RandomAccess.Write(file.SafeFileHandle, piece.AsSpan(0, read), file.Position);
            file.Position += read;
        }
        while (read == PieceBytes);
        DurableFile.Fsync(file.SafeFileHandle);
    }

    private static async Task GiveAsync(HttpContext context, string path)
    {
        byte[] piece = new byte[PieceBytes];
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        context.Response.ContentLength = file.Length;
        int read;
        while ((read = RandomAccess.Read(file.SafeFileHandle, piece, file.Position)) > 0)
        {
            file.Position += read;
            await context.Response.Body.WriteAsync(piece.AsMemory(0, read));
        }
    }
}
