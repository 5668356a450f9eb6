using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lepton.Coordination.Client;

namespace Lepton.Coordination.Tests.Servers;

/// <summary>
/// Real server processes on free ports, in a temporary folder; killed, stopped and started again as a test likes. The
/// service that Debian's package of etcd may have started is another one: it is neither used nor disturbed.
/// </summary>
public sealed class MemberCluster : IAsyncDisposable
{
    private const int StartsMax = 3;
    private static readonly TimeSpan s_startTimeMax = TimeSpan.FromMinutes(3);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-members-");
    private readonly MemberProcess[] _members;

    private readonly TestCertificates? _certificates;

    private MemberCluster(ServerProgram program, int members, TestCertificates? certificates)
    {
        _certificates = certificates;
        int[] ports = FreePorts(2 * members);
        string all = string.Join(',', Enumerable.Range(0, members).Select(
            i => $"m{i}={Url(ports[(2 * i) + 1]).GetLeftPart(UriPartial.Authority)}"));
        _members =
        [
            .. Enumerable.Range(0, members).Select(i => new MemberProcess(
                program, _folder.CreateSubdirectory($"m{i}"), $"m{i}",
                Url(ports[2 * i], certificates is null ? "http" : "https"), Url(ports[(2 * i) + 1]), all,
                certificates)),
        ];
    }

    public IReadOnlyList<MemberProcess> Members => _members;

    public IReadOnlyList<Uri> Endpoints => [.. _members.Select(member => member.Endpoint)];

    /// <summary>Starts members and waits until they serve together.</summary>
    /// <param name="program">What they run; the test is skipped where it is missing.</param>
    /// <param name="members">How many.</param>
    /// <param name="certificates">Has them want certificates of their clients.</param>
    public static async Task<MemberCluster> StartAsync(
        ServerProgram program, int members, TestCertificates? certificates = null)
    {
        program.Require();
        for (int start = 1; ; start++)
        {
            MemberCluster cluster = new(program, members, certificates);
            try
            {
                foreach (MemberProcess member in cluster._members)
                {
                    member.Start();
                }

                await cluster.ServesAsync();
                return cluster;
            }
            catch (MemberProcess.EndedException) when (start < StartsMax)
            {
                // Another program may have taken a port between the search for it and the member's start.
                await cluster.DisposeAsync();
            }
            catch
            {
                await cluster.DisposeAsync();
                throw;
            }
        }
    }

    public CoordinationClient NewClient(CoordinationClientOptions? options = null) =>
        new((options ?? new CoordinationClientOptions()) with { Endpoints = Endpoints });

    /// <summary>A client of one member.</summary>
    public CoordinationClient NewClientOf(int member, CoordinationClientOptions? options = null) =>
        new((options ?? new CoordinationClientOptions()) with { Endpoints = [Endpoints[member]] });

    /// <summary>Waits until the running members answer as one.</summary>
    public async Task ServesAsync()
    {
        foreach (MemberProcess member in _members.Where(member => member.IsRunning))
        {
            using CoordinationClient client = new(new CoordinationClientOptions
            {
                Endpoints = [member.Endpoint],
                CallTimeout = s_startTimeMax,
                Tls = _certificates is { } pem
                    ? new CoordinationTlsOptions
                    {
                        CaFile = pem.CaFile, CertificateFile = pem.CertificateOf("client"),
                        KeyFile = pem.KeyOf("client"),
                    }
                    : null,
            });
            Task serving = client.GetAsync("is-anybody-there");
            await Task.WhenAny(serving, member.Ended);
            if (!serving.IsCompleted)
            {
                throw new MemberProcess.EndedException(member);
            }

            await serving;
        }
    }

    /// <summary>Which member leads.</summary>
    public async Task<int> LeaderAsync()
    {
        for (int i = 0; i < _members.Length; i++)
        {
            if (_members[i].IsRunning)
            {
                using CoordinationClient client = NewClientOf(i);
                if ((await client.GetStatusAsync()).IsLeader)
                {
                    return i;
                }
            }
        }

        throw new InvalidOperationException("No member says that it leads.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (MemberProcess member in _members)
        {
            await member.KillAsync();
        }

        _folder.Delete(recursive: true);
    }

    private static Uri Url(int port, string scheme = "http") =>
        new(string.Create(CultureInfo.InvariantCulture, $"{scheme}://127.0.0.1:{port}"));

    /// <summary>Ports that nobody listens on, all held until the last is found, so that none comes twice.</summary>
    private static int[] FreePorts(int count)
    {
        List<TcpListener> held = [];
        try
        {
            for (int i = 0; i < count; i++)
            {
                TcpListener listener = new(IPAddress.Loopback, 0);
                listener.Start();
                held.Add(listener);
            }

            return [.. held.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            held.ForEach(listener => listener.Dispose());
        }
    }
}
