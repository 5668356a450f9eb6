using System.Text.Json;

namespace Lepton.Cli.Tests.Quickstart;

/// <summary>One run of <c>lepton quickstart --json</c> with a kill, which several tests look at.</summary>
public sealed class QuickstartFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private LeptonRun? _run;

    internal LeptonRun Run => _run!;

    internal string Folder => _folder.Path;

    public JsonElement Json { get; private set; }

    public string ModelSha256 => Json.GetProperty("modelSha256").GetString()!;

    public string EventLog => Json.GetProperty("eventLog").GetString()!;

    public async ValueTask InitializeAsync()
    {
        _run = await LeptonRun.OfAsync("quickstart", "--json", "--report", _folder.Path);
        Assert.True(_run.ExitCode == 0, $"quickstart ended with {_run.ExitCode}: {_run.Error}");
        Json = JsonDocument.Parse(_run.Output).RootElement.Clone();
    }

    public ValueTask DisposeAsync()
    {
        _run?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
