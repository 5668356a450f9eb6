using System.Text;
using Lepton.Compute;

namespace Lepton.Cli.Tests.Commands;

/// <summary>What <c>lepton run</c> makes of programs that catch nothing.</summary>
public sealed class RunExitCodeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("uncodable", ExitCodes.Uncodable, "System.Lazy<")]
    [InlineData("unsendable", ExitCodes.Unsendable, "System.IO.MemoryStream")]
    [InlineData("unreadable", ExitCodes.MissingFile, "is UTF-16, but only UTF-8 is read. Save it as UTF-8")]
    public async Task Run_ProgramThatFails_EndsWithItsCodeAndWritesNothing(string mode, int exitCode, string message)
    {
        string outputs = Directory.CreateDirectory(_folder.File("out")).FullName;
        await File.WriteAllTextAsync(
            _folder.File("notes.txt"), "one\ntwo\n", Encoding.Unicode, TestContext.Current.CancellationToken);

        using LeptonRun run = await LeptonRun.OfAsync(
            "run", Path.Combine(AppContext.BaseDirectory, "Lepton.FaultDriver.dll"), "--", mode, _folder.Path);

        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Count(c => c == '\n'));
        Assert.Equal("", run.Output);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(outputs));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.File("work")));
        Assert.Empty(run.Survivors);
    }
}
