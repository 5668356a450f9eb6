using Lepton.Compute.Session;

namespace Lepton.Compute.Tests.Session;

public sealed class ExitCauseTests
{
    [Theory]
    [InlineData(137, "killed by SIGKILL")]
    [InlineData(139, "killed by SIGSEGV (a crash in native code)")]
    [InlineData(128 + 31, "killed by signal 31")]
    [InlineData(128 + 32, "exit code 160")]
    [InlineData(200, "exit code 200")]
    [InlineData(255, "exit code 255")]
    [InlineData(128, "exit code 128")]
    [InlineData(1, "exit code 1")]
    public void Describe_ExitCode_NamesASignalOnlyWhereThereIsOne(int exitCode, string text) =>
        Assert.Equal(text, ExitCause.Describe(exitCode, "", 0, ""));
}
