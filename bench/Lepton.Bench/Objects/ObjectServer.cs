using System.Diagnostics;
using System.Text.Json;
using Lepton.Bench.Running;
using Lepton.Objects;

namespace Lepton.Bench.Objects;

/// <summary>An S3 server on loopback, with its data below a directory: ours, of one node or several, or
/// Swift.</summary>
internal sealed class ObjectServer : IDisposable
{
    public const string Ours = "ours";
    public const string Swift = "swift";
    private static readonly TimeSpan s_startTimeMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);
    private readonly List<Process> _processes = [];
    private readonly string _directory;
    private readonly string _program;
    private readonly bool _isOurs;
    private readonly int _nodes;

    private ObjectServer(Arguments arguments)
    {
        _directory = Path.Combine(arguments.Text("work-directory"), "objects");
        _program = arguments.Text("program");
        _isOurs = arguments.Text("server") == Ours;
        _nodes = (int)arguments.Number("nodes", 1);
    }

    /// <summary>The options of a verb that starts a server.</summary>
    public static IReadOnlyList<string> Options { get; } = ["server", "program", "work-directory", "nodes"];

    /// <summary>Where it is, with a key that may do everything.</summary>
    public StoreAddress Address { get; private set; } = null!;

    /// <summary>The process that serves objects: of ours the storage node.</summary>
    public int ProcessId => _processes[^1].Id;

    /// <summary>The coordinator of ours.</summary>
    public string Coordination { get; private set; } = "";

    /// <summary>Starts it.</summary>
    /// <param name="arguments">Those of the verb, with <see cref="Options"/> among them.</param>
    /// <param name="flags">For each node of ours.</param>
    public static async Task<ObjectServer> StartAsync(Arguments arguments, params string[] flags)
    {
        var server = new ObjectServer(arguments);
        try
        {
            Directory.CreateDirectory(server._directory);
            await (server._isOurs ? server.StartOursAsync(flags) : server.StartSwiftAsync());
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Enters so many names below <c>list/</c> into a bucket's listing.</summary>
    public async Task EnterAsync(string bucket, int keys)
    {
        if (_isOurs)
        {
            await PutEmptyAsync(bucket, keys);
            return;
        }

        using Process entering = Process.Start(
            "/usr/bin/python3",
            [
                _program, "list", "--directory", _directory, "--bucket", bucket, "--keys",
                FormattableString.Invariant($"{keys}"),
            ]);
        await entering.WaitForExitAsync();
        if (entering.ExitCode != 0)
        {
            throw new FailedRunException($"the peer's listing could not be filled: exit code {entering.ExitCode}");
        }
    }

    /// <summary>The name of a node of ours.</summary>
    public static string NameOf(int node) => FormattableString.Invariant($"s{node + 1}");

    /// <summary>The data directory of a node of ours.</summary>
    public string DataOf(int node) => Path.Combine(_directory, NameOf(node));

    /// <summary>Ends a node of ours with SIGKILL.</summary>
    public void Kill(int node)
    {
        Process process = _processes[1 + node];
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
    }

    public void Dispose()
    {
        // Swift's starter ends its servers when its input ends; ours have nobody else.
        foreach (Process process in Enumerable.Reverse(_processes))
        {
            if (_isOurs)
            {
                process.Kill(entireProcessTree: true);
            }
            else
            {
                process.StandardInput.Close();
            }

            process.WaitForExit();
            process.Dispose();
        }
    }

    private async Task StartOursAsync(string[] flags)
    {
        string[] ports = FreePorts.Find(2 + _nodes);
        Coordination = $"http://127.0.0.1:{ports[0]}";
        Start(
        [
            "coordinator", "--data-dir", Path.Combine(_directory, "coordination"), "--listen-client-urls",
            Coordination, "--listen-peer-urls", $"http://127.0.0.1:{ports[1]}",
        ]);
        using HttpClient http = new();
        for (int node = 0; node < _nodes; node++)
        {
            string url = $"http://127.0.0.1:{ports[2 + node]}";
            string[] key = node == 0 ? [] : ["--secret-key", Path.Combine(DataOf(0), "secret.key")];
            Start(
            [
                "storage", "--name", NameOf(node), "--data-dir", DataOf(node), "--listen", url, "--coordination",
                Coordination, .. key, .. flags,
            ]);
            long started = Stopwatch.GetTimestamp();
            while (!File.Exists(Path.Combine(DataOf(0), "credentials")) || !await AnswersAsync(http, url))
            {
                await PauseAsync(started);
            }
        }

        string[] lines = await File.ReadAllLinesAsync(Path.Combine(DataOf(0), "credentials"));
        Address = new StoreAddress
        {
            Endpoint = $"http://127.0.0.1:{ports[2]}", KeyId = Value(lines, "id"), Secret = Value(lines, "key"),
        };
    }

    private async Task StartSwiftAsync()
    {
        Process process = Process.Start(
            new ProcessStartInfo("/usr/bin/python3", [_program, "serve", "--directory", _directory])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        _processes.Add(process);
        string line = await process.StandardOutput.ReadLineAsync()
            ?? throw new FailedRunException("Swift did not start; its words are above.");
        JsonElement told = JsonElement.Parse(line);
        Address = new StoreAddress
        {
            Endpoint = told.GetProperty("url").GetString(),
            KeyId = told.GetProperty("keyId").GetString(),
            Secret = told.GetProperty("secret").GetString(),
        };
    }

    private void Start(string[] words)
    {
        string log = Path.Combine(_directory, words[0] + ".log");
        ProcessStartInfo info = new(
            "sh",
            [
                "-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1", "sh", log, Environment.ProcessPath!, _program,
                .. words,
            ]);
        if (words[0] == "coordinator")
        {
            // As the `lepton` script has it.
            info.Environment["DOTNET_GCgen0size"] = "0x1000000";
        }

        _processes.Add(Process.Start(info)!);
    }

    private async Task PutEmptyAsync(string bucket, int keys)
    {
        using ObjectClient client = new(Address);
        await Parallel.ForAsync(0, keys, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, stop) =>
            await client.PutAsync(
                new ObjectUrl(bucket, FormattableString.Invariant($"list/{i:D8}")), ReadOnlyMemory<byte>.Empty, stop));
    }

    private static async Task<bool> AnswersAsync(HttpClient http, string url)
    {
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri(url));
            return true;
        }
        catch (HttpRequestException)
        {
            // Not yet.
            return false;
        }
    }

    private async Task PauseAsync(long started)
    {
        if (_processes.Find(static process => process.HasExited) is not null
            || Stopwatch.GetElapsedTime(started) > s_startTimeMax)
        {
            string logs = string.Join('\n', Directory.EnumerateFiles(_directory, "*.log").Select(File.ReadAllText));
            throw new FailedRunException($"the store did not start\n{logs}");
        }

        await Task.Delay(s_pause);
    }

    private static string Value(string[] lines, string ending) =>
        lines.First(line => line.Split('=')[0].Trim().EndsWith(ending, StringComparison.Ordinal)).Split('=', 2)[1]
            .Trim();
}
