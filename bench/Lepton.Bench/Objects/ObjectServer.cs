using System.Diagnostics;
using System.Text.Json;
using Lepton.Bench.Running;
using Lepton.Objects;

namespace Lepton.Bench.Objects;

/// <summary>An S3 server on loopback, with its data below a directory: ours, or Swift.</summary>
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

    private ObjectServer(Arguments arguments)
    {
        _directory = Path.Combine(arguments.Text("work-directory"), "objects");
        _program = arguments.Text("program");
        _isOurs = arguments.Text("server") == Ours;
    }

    /// <summary>The options of a verb that starts a server.</summary>
    public static IReadOnlyList<string> Options { get; } = ["server", "program", "work-directory"];

    /// <summary>Where it is, with a key that may do everything.</summary>
    public StoreAddress Address { get; private set; } = null!;

    /// <summary>The process that serves objects: of ours the storage node.</summary>
    public int ProcessId => _processes[^1].Id;

    public static async Task<ObjectServer> StartAsync(Arguments arguments)
    {
        var server = new ObjectServer(arguments);
        try
        {
            Directory.CreateDirectory(server._directory);
            await (server._isOurs ? server.StartOursAsync() : server.StartSwiftAsync());
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

    private async Task StartOursAsync()
    {
        string[] ports = FreePorts.Find(3);
        string coordination = $"http://127.0.0.1:{ports[0]}";
        string data = Path.Combine(_directory, "storage");
        Start(
        [
            "coordinator", "--data-dir", Path.Combine(_directory, "coordination"), "--listen-client-urls",
            coordination, "--listen-peer-urls", $"http://127.0.0.1:{ports[1]}",
        ]);
        string url = $"http://127.0.0.1:{ports[2]}";
        string credentials = Path.Combine(data, "credentials");
        Start(["storage", "--data-dir", data, "--listen", url, "--coordination", coordination]);
        long started = Stopwatch.GetTimestamp();
        using HttpClient http = new();
        while (!File.Exists(credentials) || !await AnswersAsync(http, url))
        {
            await PauseAsync(started);
        }

        string[] lines = await File.ReadAllLinesAsync(credentials);
        Address = new StoreAddress { Endpoint = url, KeyId = Value(lines, "id"), Secret = Value(lines, "key") };
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
