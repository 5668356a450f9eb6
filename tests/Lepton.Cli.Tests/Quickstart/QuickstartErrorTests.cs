using System.IO.Compression;

namespace Lepton.Cli.Tests.Quickstart;

/// <summary>
/// What is wrong with flags and input: one message, an exit code that says which, nothing on standard output.
/// </summary>
public sealed class QuickstartErrorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--workers is '0'; expected a whole number from 1 to 256.", "--workers", "0")]
    [InlineData("--workers is 'many'; expected a whole number from 1 to 256.", "--workers", "many")]
    [InlineData("--seed is '-1'; expected a whole number, 0 or more.", "--seed", "-1")]
    [InlineData("'lepton quickstart' has no option '--jsn'. Did you mean '--json'?", "--jsn")]
    [InlineData("'lepton quickstart' has no argument 'now'.", "now")]
    public async Task Flag_ThatCantBe_IsRefused(string message, params string[] flags)
    {
        using LeptonRun run = await LeptonRun.OfAsync(["quickstart", .. flags]);
        Assert.Equal($"lepton: {message} 'lepton quickstart --help' lists what there is.\n", run.Error);
        Assert.Equal("", run.Output);
        Assert.Equal(2, run.ExitCode);
    }

    [Fact]
    public async Task Data_MissingFile_NamesTheNearest()
    {
        _folder.Write("plants.csv", "a,label", "1,x");
        await RefusesAsync(3, $"lepton: There is no file {_folder.File("plant.csv")}. The nearest name in " +
            $"{_folder.Path} is 'plants.csv'.", "--data", _folder.File("plant.csv"));
    }

    [Fact]
    public async Task Data_WithoutTheLabel_NamesTheNearestColumn()
    {
        string path = _folder.Write("t.csv", "a,lable", "1,x");
        await RefusesAsync(5, 
            $"lepton: {path} has no column for 'label' (the nearest is 'lable') of the table.", "--data", path);
    }

    [Fact]
    public async Task Data_WithoutRows_SaysSo()
    {
        string path = _folder.Write("t.csv", "a,label");
        await RefusesAsync(6, $"lepton: {path} has a header but no rows.", "--data", path);
    }

    [Fact]
    public async Task Data_Empty_SaysSo()
    {
        string path = _folder.Write("t.csv");
        await RefusesAsync(6, $"lepton: {path} is empty.", "--data", path);
    }

    [Fact]
    public async Task Workers_MoreThanRows_AreRefused()
    {
        string path = _folder.Write("t.csv", "a,label", "1,x", "2,y", "3,x", "4,y");
        await RefusesAsync(7, $"lepton: --workers is 5, but {path} has only 4 rows", "--data", path, "--workers", "5");
    }

    [Fact]
    public async Task Workers_MoreThanRowsOfACompressedFile_AreRefused()
    {
        string path = _folder.File("t.csv.gz");
        await using (FileStream file = File.Create(path))
        await using (var gzip = new GZipStream(file, CompressionLevel.Fastest))
        {
            await gzip.WriteAsync("a,label\n1,x\n2,y\n"u8.ToArray(), TestContext.Current.CancellationToken);
        }

        await RefusesAsync(7, $"lepton: --workers is 3, but {path} has only 2 rows", "--data", path);
    }

    [Fact]
    public async Task Workers_MoreThanRowsOfAllFiles_AreRefused()
    {
        _folder.Write("t1.csv", "a,label", "1,x");
        _folder.Write("t2.csv", "a,label");
        _folder.Write("t3.csv", "a,label", "3,x");
        string glob = _folder.File("t?.csv");
        await RefusesAsync(7, $"lepton: --workers is 3, but {glob} has only 2 rows", "--data", glob);
    }

    [Fact]
    public async Task Workers_MoreThanRowsWithLineEndsInQuotes_AreRefused()
    {
        string path = _folder.Write("t.csv", "a,label", "1,\"x", "", "y", "z\"");
        await RefusesAsync(7, $"lepton: --workers is 3, but {path} has only 1 row, so", "--data", path);
    }

    [Fact]
    public async Task Data_MalformedValue_TellsFileLineAndColumn()
    {
        string path = _folder.Write("t.csv", "a,label", "1,x", "2,y", "three,x", "4,y");
        await RefusesAsync(4, $"lepton: {path}, line 4, column 'a': can't read: 'three'. Expected a number", "--data",
            path, "--workers", "1");
    }

    [Fact]
    public async Task Data_NaN_TellsFileLineAndColumn()
    {
        string path = _folder.Write("t.csv", "a,label", "1,x", "NaN,y", "3,x", "4,y");
        await RefusesAsync(9, $"lepton: {path}, line 3, column 'a': can't be learned from: 'NaN'. Expected a finite " +
            "number.", "--data", path, "--workers", "1");
    }

    [Fact]
    public async Task Data_ClassWithOneRow_IsRefused()
    {
        string path = _folder.Write("t.csv", "a,label", "1,x", "2,x", "3,x", "4,lonely");
        await RefusesAsync(8, "lepton: The class 'lonely' has one row, but a stratified split needs at least two of " +
            "each class", "--data", path, "--workers", "1");
    }

    [Fact]
    public async Task Report_ThatIsAFile_IsRefused()
    {
        string path = _folder.Write("file", "x");
        await RefusesAsync(2, $"lepton: --report is '{path}', which can't be made a folder:", "--report", path);
    }

    [Fact]
    public async Task Verbose_OnAnError_ShowsWhereItWasThrown()
    {
        using LeptonRun run = await LeptonRun.OfAsync("quickstart", "--data", _folder.File("none.csv"), "--verbose");
        Assert.Contains("   at Lepton.", run.Error, StringComparison.Ordinal);
    }

    private static async Task RefusesAsync(int exitCode, string message, params string[] flags)
    {
        using LeptonRun run = await LeptonRun.OfAsync(["quickstart", .. flags]);
        Assert.StartsWith(message, run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Count(c => c == '\n'));
        Assert.Equal("", run.Output);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Empty(run.LeftBehind);
        Assert.Empty(run.Survivors);
    }
}
