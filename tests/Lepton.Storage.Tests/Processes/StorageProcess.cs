using System.Diagnostics;
using System.Text.RegularExpressions;
using Amazon.Runtime;
using Amazon.S3;

namespace Lepton.Storage.Tests.Processes;

/// <summary><c>lepton storage</c>, as users start it. Partial because the expressions are generated.</summary>
internal sealed partial class StorageProcess : IDisposable
{
    private const int LinesKept = 500;
    private readonly Process _process;
    private readonly string _dataDir;
    private readonly Lock _gate = new();
    private readonly Queue<string> _said = new();
    private readonly TaskCompletionSource<string> _serves = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private StorageProcess(Process process, string dataDir)
    {
        (_process, _dataDir) = (process, dataDir);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginErrorReadLine();
    }

    public string Address => _serves.Task.Result;

    /// <summary>The last that it has written to standard error.</summary>
    public string Said
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _said);
            }
        }
    }

    private static string Program => Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "Lepton.Cli", "release", "Lepton.Cli.dll"));

    /// <summary>Starts it, and waits until it serves.</summary>
    public static Task<StorageProcess> StartAsync(
        Uri coordination, string dataDir, string name = "s1", params string[] more) =>
        StartAsync([], coordination, dataDir, name, more);

    /// <summary>Starts it by another program, such as one that puts it into a network of its own.</summary>
    public static async Task<StorageProcess> StartAsync(
        string[] launcher, Uri coordination, string dataDir, string name, params string[] more)
    {
        StorageProcess node = Begin(launcher, coordination, dataDir, name, more);
        try
        {
            await node.ServesAsync();
            return node;
        }
        catch
        {
            node.Dispose();
            throw;
        }
    }

    /// <summary>Starts it, and waits for nothing.</summary>
    public static StorageProcess Begin(Uri coordination, string dataDir, string name, params string[] more) =>
        Begin([], coordination, dataDir, name, more);

    private static StorageProcess Begin(
        string[] launcher, Uri coordination, string dataDir, string name, string[] more)
    {
        string[] listen = more.Contains("--listen") ? [] : ["--listen", "http://127.0.0.1:0"];
        return new StorageProcess(
            Run(
                null, launcher,
                [
                    "storage", "--name", name, "--data-dir", dataDir, .. listen, "--coordination",
                    coordination.GetLeftPart(UriPartial.Authority), "--timeout", "60", .. more,
                ]),
            dataDir);
    }

    /// <summary>Waits until it serves.</summary>
    public Task ServesAsync() => _serves.Task.WaitAsync(TestContext.Current.CancellationToken);

    /// <summary>Waits until it has logged a line with some words, now or before.</summary>
    public async Task SaysAsync(string words)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (_said.Any(line => line.Contains(words, StringComparison.Ordinal)))
                {
                    return;
                }

                more = _more.Task;
            }

            await more.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Runs a command of <c>lepton</c> to its end.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        RunAsync(environment: null, arguments);

    /// <summary>The same, with variables of the environment.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using Process process = Run(environment, [], arguments);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }

    /// <summary>A client with the key that a first start made, of this node or another.</summary>
    /// <param name="first">Whose; null: this one's.</param>
    /// <param name="caFile">Who may vouch for it, where it serves https.</param>
    public AmazonS3Client NewS3(StorageProcess? first = null, string? caFile = null) =>
        NewS3(Address, (first ?? this)._dataDir, caFile);

    /// <summary>A client of a node, with the key that is in a data directory.</summary>
    public static AmazonS3Client NewS3(string address, string keyDirectory, string? caFile = null)
    {
        (string id, string secret) = KeyIn(keyDirectory);
        AmazonS3Config config = new()
        {
            ServiceURL = address,
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            MaxErrorRetry = 0,
        };
        if (caFile is not null)
        {
            config.HttpClientFactory = new TrustingClients(caFile);
        }

        return new AmazonS3Client(new BasicAWSCredentials(id, secret), config);
    }

    /// <summary>The key that its first start made.</summary>
    public (string Id, string Secret) Key => KeyIn(_dataDir);

    /// <summary>Its memory that is in RAM.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Sends it a signal, such as STOP.</summary>
    public async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Ends it with SIGKILL: what it had not handed to the system is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static (string Id, string Secret) KeyIn(string directory)
    {
        string text = File.ReadAllText(Path.Combine(directory, "credentials"));
        return (KeyId().Match(text).Groups[1].Value, Secret().Match(text).Groups[1].Value);
    }

    private void Hear(string? line)
    {
        TaskCompletionSource told;
        lock (_gate)
        {
            if (line is not null)
            {
                _said.Enqueue(line);
            }

            while (_said.Count > LinesKept)
            {
                _said.Dequeue();
            }

            told = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        told.SetResult();
        if (line is null)
        {
            _serves.TrySetException(new InvalidOperationException(
                $"The node did not start: {string.Join('\n', _said)}"));
        }
        else if (Serves().Match(line) is { Success: true } match)
        {
            _serves.TrySetResult(match.Groups[1].Value);
        }
    }

    private static Process Run(
        IReadOnlyDictionary<string, string>? environment, string[] launcher, string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is missing. Build it: dotnet build Lepton.slnx -c Release");
        string[] command = [.. launcher, "dotnet", "exec", Program, .. arguments];
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    [GeneratedRegex(@"serves S3 at (https?://[^/]+)/")]
    private static partial Regex Serves();

    [GeneratedRegex(@"aws_access_key_id = (\S+)")]
    private static partial Regex KeyId();

    [GeneratedRegex(@"aws_secret_access_key = (\S+)")]
    private static partial Regex Secret();
}
