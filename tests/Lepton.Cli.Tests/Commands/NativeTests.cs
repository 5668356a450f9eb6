using Lepton.Cli.CommandLine;
using Lepton.Cli.Native;

namespace Lepton.Cli.Tests.Commands;

/// <summary>What <c>lepton native</c> says where it can't build.</summary>
public sealed class NativeTests
{
    [Theory]
    [InlineData("-- broken\n  no libtorch on this system (TORCH_INCLUDE)", null, "apt-get install libtorch-dev")]
    [InlineData("no libtorch in /x (C10_LIBRARY)", "/x", "There is no libtorch in /x")]
    [InlineData("  no headers of Gloo (gloo/algorithm.h)", null, "libgloo-dev")]
    [InlineData("No CMAKE_CXX_COMPILER could be found.", null, "needs a C++ compiler")]
    [InlineData("  libtorch 3.1 in /x is not one that is known: 1.13 to 2.x are", "/x", "libtorch 3.1 in /x is not")]
    public void Advice_WhatCMakeMisses_IsOneLine(string output, string? libtorch, string advice)
    {
        string line = NativeBuild.Advice(output, libtorch);

        Assert.Contains(advice, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public void Advice_AnythingElse_IsLeftToCMake() => Assert.Equal("", NativeBuild.Advice("CMake Error: ?", null));

    [Fact]
    public async Task Build_FolderThatIsNotThere_SaysSoInOneLine()
    {
        using var folder = new TemporaryFolder();
        string missing = Path.Combine(folder.Path, "libtorch");

        using LeptonRun run = await LeptonRun.OfAsync("native", "build", "--libtorch", missing);

        Assert.Equal(
            $"lepton: There is no folder {missing}. Give --libtorch the folder that holds libtorch's include/ and " +
            "lib/.\n",
            run.Error);
        Assert.Equal(3, run.ExitCode);
    }

    [Fact]
    public async Task Build_FirstOneOfACheckoutWithoutLibtorchThere_SaysWhatIsMissing()
    {
        using var folder = new TemporaryFolder();
        string sources = NativeTree.Find().Sources;
        string copy = Path.Combine(folder.Path, "native");
        Directory.CreateDirectory(copy);
        File.Copy(Path.Combine(sources, "CMakeLists.txt"), Path.Combine(copy, "CMakeLists.txt"));
        string empty = Directory.CreateDirectory(Path.Combine(folder.Path, "libtorch")).FullName;

        UsageException e = await Assert.ThrowsAsync<UsageException>(() => NativeBuild.RunAsync(
            new NativeTree(folder.Path), empty, static () => { }, CancellationToken.None));

        Assert.Matches("^(There is no libtorch in|The native library needs)", e.Message);
    }

    [Fact]
    public void Stamp_OfTheSources_DependsOnThemAndTheLibtorch()
    {
        NativeTree tree = NativeTree.Find();

        string stamp = tree.StampOf(null);

        Assert.Equal(stamp, tree.StampOf(null));
        Assert.NotEqual(stamp, tree.StampOf("/opt/libtorch"));
        Assert.Contains("CMakeLists.txt ", stamp, StringComparison.Ordinal);
        Assert.False(tree.IsCurrent(stamp + "changed"));
    }
}
