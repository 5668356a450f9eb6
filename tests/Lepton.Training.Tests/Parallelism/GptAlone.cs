using Lepton.Torch;

namespace Lepton.Training.Tests.Parallelism;

/// <summary>The sample's small language model on one process, once for all tests that compare with it.</summary>
public sealed class GptAlone : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-gpt-");

    internal RankRun Run { get; private set; } = null!;

    internal IReadOnlyList<(long Step, double Loss)> Losses { get; private set; } = [];

    internal string Written { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (TorchLibrary.Path is null)
        {
            // The tests say so, each for itself.
            return;
        }

        Run = await RankRun.OfProgramAsync(
            "gpt", 1, 0, null, ["--run", _folder.FullName, "--steps", "9", .. GptMeshTests.Small]);
        Assert.True(Run.ExitCode == 0, Run.Text);
        Losses = RankRun.LossesOf(_folder.FullName);
        Written = File.ReadAllText(Path.Combine(_folder.FullName, "text.txt"));
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
