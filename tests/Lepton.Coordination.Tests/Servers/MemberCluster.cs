using System.Globalization;
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
    private readonly ServerProgram _program;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-members-");
    private readonly List<MemberProcess> _members = [];
    private readonly TestCertificates? _certificates;

    private MemberCluster(ServerProgram program, int members, TestCertificates? certificates, bool secretPeers)
    {
        (_program, _certificates) = (program, certificates);
        int[] ports = FreePorts.Find(2 * members);
        string scheme = secretPeers ? "https" : "http";
        string all = string.Join(',', Enumerable.Range(0, members).Select(
            i => $"m{i}={Url(ports[(2 * i) + 1], scheme).GetLeftPart(UriPartial.Authority)}"));
        for (int i = 0; i < members; i++)
        {
            _members.Add(NewProcess(
                i, Url(ports[2 * i], certificates is null ? "http" : "https"), Url(ports[(2 * i) + 1], scheme), all));
        }
    }

    private MemberCluster(
        ServerProgram program, TestCertificates? certificates, Func<DirectoryInfo, IEnumerable<MemberSettings>> members)
    {
        (_program, _certificates) = (program, certificates);
        _members.AddRange(members(_folder).Select(settings => new MemberProcess(program, settings)));
    }

    public IReadOnlyList<MemberProcess> Members => _members;

    public IReadOnlyList<Uri> Endpoints => [.. _members.Select(member => member.Endpoint)];

    /// <summary>Starts members and waits until they serve together.</summary>
    /// <param name="program">What they run; the test is skipped where it is missing.</param>
    /// <param name="members">How many.</param>
    /// <param name="certificates">Has them want certificates of their clients.</param>
    /// <param name="secretPeers">Has them want certificates of each other, too.</param>
    public static async Task<MemberCluster> StartAsync(
        ServerProgram program, int members, TestCertificates? certificates = null, bool secretPeers = false)
    {
        program.Require();
        for (int start = 1; ; start++)
        {
            MemberCluster cluster = new(program, members, certificates, secretPeers);
            try
            {
                return await cluster.RunAsync();
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

    /// <summary>Starts members that a test describes, and waits until they serve together.</summary>
    /// <param name="program">What they run; the test is skipped where it is missing.</param>
    /// <param name="certificates">Of their clients.</param>
    /// <param name="members">Describes them; gets a folder that is deleted with the cluster.</param>
    public static async Task<MemberCluster> StartAsync(
        ServerProgram program, TestCertificates? certificates, Func<DirectoryInfo, IEnumerable<MemberSettings>> members)
    {
        program.Require();
        MemberCluster cluster = new(program, certificates, members);
        try
        {
            return await cluster.RunAsync();
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a client shows to the members; null where they ask for nothing.</summary>
    public CoordinationTlsOptions? ClientTls => _certificates is { } pem
        ? new CoordinationTlsOptions
        {
            CaFile = pem.CaFile, CertificateFile = pem.CertificateOf("client"), KeyFile = pem.KeyOf("client"),
        }
        : null;

    /// <summary>A client of all members; with the right certificates where the options name none.</summary>
    public CoordinationClient NewClient(CoordinationClientOptions? options = null) => NewClient(options, Endpoints);

    /// <summary>A client of one member.</summary>
    public CoordinationClient NewClientOf(int member, CoordinationClientOptions? options = null) =>
        NewClient(options, [Endpoints[member]]);

    /// <summary>A member that is not part of the cluster yet; the caller adds it, and starts it.</summary>
    public MemberProcess NewMember()
    {
        int[] ports = FreePorts.Find(2);
        Uri peer = Url(ports[1]);
        string all = _members[0].Settings.Cluster + $",m{_members.Count}={peer.GetLeftPart(UriPartial.Authority)}";
        MemberProcess member = NewProcess(_members.Count, Url(ports[0]), peer, all, joins: true);
        _members.Add(member);
        return member;
    }

    /// <summary>Waits until the running members answer as one.</summary>
    public async Task ServesAsync()
    {
        foreach (MemberProcess member in _members.Where(member => member.IsRunning))
        {
            using CoordinationClient client = NewClient(
                new CoordinationClientOptions { CallTimeout = s_startTimeMax }, [member.Endpoint]);
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
        for (int i = 0; i < _members.Count; i++)
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

    private async Task<MemberCluster> RunAsync()
    {
        foreach (MemberProcess member in _members)
        {
            member.Start();
        }

        await ServesAsync();
        return this;
    }

    private CoordinationClient NewClient(CoordinationClientOptions? options, IReadOnlyList<Uri> endpoints)
    {
        options ??= new CoordinationClientOptions();
        return new CoordinationClient(options with { Endpoints = endpoints, Tls = options.Tls ?? ClientTls });
    }

    private MemberProcess NewProcess(int number, Uri client, Uri peer, string cluster, bool joins = false) => new(
        _program,
        new MemberSettings
        {
            Name = $"m{number}",
            Data = _folder.CreateSubdirectory($"m{number}").FullName,
            Client = client,
            Peer = peer,
            Cluster = cluster,
            Token = _folder.Name,
            Joins = joins,
            Certificates = _certificates,
        });

    private static Uri Url(int port, string scheme = "http") =>
        new(string.Create(CultureInfo.InvariantCulture, $"{scheme}://127.0.0.1:{port}"));
}
