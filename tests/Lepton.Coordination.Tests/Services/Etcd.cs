using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lepton.Coordination.Protocol;
using Lepton.Rpc;
using Lepton.Rpc.Client;

namespace Lepton.Coordination.Tests.Services;

/// <summary>A real etcd, in a folder and at ports of its own. It ends with the test.</summary>
internal sealed class Etcd : IAsyncDisposable
{
    private const string Program = "/usr/bin/etcd";
    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private Etcd(Process process, DirectoryInfo folder, Uri address) =>
        (_process, _folder, Address) = (process, folder, address);

    public Uri Address { get; }

    /// <summary>Starts one; skips the test where there is none.</summary>
    public static async Task<Etcd> StartAsync()
    {
        if (!File.Exists(Program))
        {
            Assert.Skip($"{Program} is not installed (Debian's package etcd-server)");
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory("lepton-etcd-");
        Uri client = new($"http://127.0.0.1:{FreePort()}");
        string peer = $"http://127.0.0.1:{FreePort()}";
        ProcessStartInfo start = new(Program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "--name", "default", "--data-dir", folder.FullName, "--log-level", "error",
                "--listen-client-urls", client.OriginalString, "--advertise-client-urls", client.OriginalString,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                "--initial-cluster", $"default={peer}",
            },
        };
        Process process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Etcd etcd = new(process, folder, client);
        await etcd.WaitUntilReadyAsync();
        return etcd;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task WaitUntilReadyAsync()
    {
        // Asking is the only way to learn that it has elected itself; each question waits for the connection.
        using RpcChannel channel = new(Address);
        RangeRequest question = new() { Key = Methods.Bytes("?") };
        for (int i = 0; i < 200 && !_process.HasExited; i++)
        {
            try
            {
                await channel.UnaryAsync(Methods.Range, question);
                return;
            }
            catch (RpcException)
            {
                using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(50));
                await pause.WaitForNextTickAsync();
            }
        }

        Assert.Fail($"{Program} does not answer at {Address}; exited: {_process.HasExited}.");
    }
}
