using System.Diagnostics;
using System.Text.RegularExpressions;
using Amazon.Runtime;
using Amazon.S3;

namespace Lepton.Storage.Tests.Processes;

/// <summary><c>lepton storage</c>, as users start it. Partial because the expressions are generated.</summary>
internal sealed partial class StorageProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _dataDir;
    private readonly List<string> _said = [];
    private readonly TaskCompletionSource<string?> _serving =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private StorageProcess(Process process, string dataDir) => (_process, _dataDir) = (process, dataDir);

    public string Address { get; private set; } = "";

    /// <summary>What it has written to standard error until now.</summary>
    public string Said
    {
        get
        {
            lock (_said)
            {
                return string.Join('\n', _said);
            }
        }
    }

    private static string Program => Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "Lepton.Cli", "release", "Lepton.Cli.dll"));

    /// <summary>Starts it, and waits until it serves.</summary>
    public static async Task<StorageProcess> StartAsync(
        Uri coordination, string dataDir, string name = "s1", params string[] more)
    {
        StorageProcess node = Begin(coordination, dataDir, name, more);
        await node.ServesAsync();
        return node;
    }

    /// <summary>Starts it, and waits for nothing.</summary>
    public static StorageProcess Begin(Uri coordination, string dataDir, string name, params string[] more)
    {
        string[] listen = more.Contains("--listen") ? [] : ["--listen", "http://127.0.0.1:0"];
        Process process = Run(
            null,
            [
                "storage", "--name", name, "--data-dir", dataDir, .. listen, "--coordination",
                coordination.GetLeftPart(UriPartial.Authority), "--timeout", "60", .. more,
            ]);
        StorageProcess node = new(process, dataDir);
        _ = node.ReadAsync();
        return node;
    }

    /// <summary>Waits until it serves.</summary>
    public async Task ServesAsync() => Address = await _serving.Task.WaitAsync(TestContext.Current.CancellationToken)
        ?? throw new InvalidOperationException($"The node did not start: {Said}");

    /// <summary>Waits until it has written something.</summary>
    public async Task SaysAsync(string text)
    {
        using PeriodicTimer clock = new(TimeSpan.FromMilliseconds(20));
        while (!Said.Contains(text, StringComparison.Ordinal))
        {
            await clock.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Runs a command of <c>lepton</c> to its end.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        RunAsync(environment: null, arguments);

    /// <summary>The same, with variables of the environment.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using Process process = Run(environment, arguments);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }

    /// <summary>A client with the key that a first start made, of this node or another.</summary>
    /// <param name="first">Whose; null: this one's.</param>
    /// <param name="caFile">Who may vouch for it, where it serves https.</param>
    public AmazonS3Client NewS3(StorageProcess? first = null, string? caFile = null)
    {
        (string id, string secret) = (first ?? this).Key;
        AmazonS3Config config = new()
        {
            ServiceURL = Address,
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
    public (string Id, string Secret) Key
    {
        get
        {
            string text = File.ReadAllText(Path.Combine(_dataDir, "credentials"));
            return (KeyId().Match(text).Groups[1].Value, Secret().Match(text).Groups[1].Value);
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

    private static Process Run(IReadOnlyDictionary<string, string>? environment, string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is missing. Build it: dotnet build Lepton.slnx -c Release");
        ProcessStartInfo start = new("dotnet", ["exec", Program, .. arguments])
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

    private async Task ReadAsync()
    {
        while (await _process.StandardError.ReadLineAsync(CancellationToken.None) is { } line)
        {
            lock (_said)
            {
                _said.Add(line);
            }

            if (Serves().Match(line) is { Success: true } match)
            {
                _serving.TrySetResult(match.Groups[1].Value);
            }
        }

        _serving.TrySetResult(null);
    }

    [GeneratedRegex(@"serves S3 at (https?://[^/]+)/")]
    private static partial Regex Serves();

    [GeneratedRegex(@"aws_access_key_id = (\S+)")]
    private static partial Regex KeyId();

    [GeneratedRegex(@"aws_secret_access_key = (\S+)")]
    private static partial Regex Secret();
}
