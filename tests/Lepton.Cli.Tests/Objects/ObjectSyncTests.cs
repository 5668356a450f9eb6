using Lepton.Objects.Tests;

namespace Lepton.Cli.Tests.Objects;

public sealed class ObjectSyncTests(StoreFixture store) : ObjectTest(store)
{
    [Fact]
    public async Task Sync_UpAndBack_CopiesWhatDiffersOnly()
    {
        Write("from/a", "1");
        Write("from/deep/b", "2");
        string[] first = await LinesAsync("sync", Folder.File("from"), $"{Url}/data");
        Assert.Equal([$"put {Url}/data/a (new)", $"put {Url}/data/deep/b (new)"], Sorted(first[..2]));
        Assert.StartsWith("2 put, 0 the same; 2 bytes in ", first[2], StringComparison.Ordinal);

        // Of one size, and older than the object: content decides.
        File.SetLastWriteTimeUtc(Write("from/a", "3"), DateTime.UnixEpoch);
        Write("from/deep/b", "long");
        Assert.Equal(
        [
            $"would put {Url}/data/a (other content)", $"would put {Url}/data/deep/b (other size)",
            "To do: 2 put, 0 the same; 5 bytes; nothing was done (--dry-run)",
        ], await LinesAsync("sync", Folder.File("from"), $"{Url}/data", "--dry-run"));
        Assert.Equal("1", await ReadAsync("data/a"));
        await LinesAsync("sync", Folder.File("from"), $"{Url}/data");
        Assert.Equal(("3", "long"), (await ReadAsync("data/a"), await ReadAsync("data/deep/b")));

        await LinesAsync("sync", $"{Url}/data", Folder.File("to"));
        Assert.Equal(["a", "deep/b"], FilesBelow("to"));
        string[] last = await LinesAsync("sync", $"{Url}/data/", Folder.File("to"));
        Assert.Equal("0 got, 2 the same; 0 bytes", Assert.Single(last));
    }

    [Fact]
    public async Task Sync_Delete_RemovesWhatTheSourceDoesNotHave()
    {
        Write("from/a", "1");
        await PutAsync("data/a", "1");
        await PutAsync("data/old", "2");
        await PutAsync("database", "3");
        Assert.StartsWith(
            "0 put, 1 the same", Assert.Single(await LinesAsync("sync", Folder.File("from"), $"{Url}/data")),
            StringComparison.Ordinal);
        string[] dry = await LinesAsync("sync", Folder.File("from"), $"{Url}/data", "--delete", "--dry-run");
        Assert.Equal($"would rm {Url}/data/old", dry[0]);
        Assert.Equal(["data/a", "data/old", "database"], await KeysAsync());
        string[] up = await LinesAsync("sync", Folder.File("from"), $"{Url}/data", "--delete");
        Assert.Equal($"rm {Url}/data/old", up[0]);
        Assert.StartsWith("0 put, 1 deleted, 1 the same", up[1], StringComparison.Ordinal);
        Assert.Equal(["data/a", "database"], await KeysAsync());

        Write("from/local", "4");
        string[] down = await LinesAsync("sync", $"{Url}/data", Folder.File("from"), "--delete");
        Assert.Equal($"rm {Folder.File("from/local")}", down[0]);
        Assert.Equal(["a"], FilesBelow("from"));
    }

    [Fact]
    public async Task Sync_DeleteWithAnEmptySource_IsRefused()
    {
        Write("to/a", "1");
        using LeptonRun down = await RunAsync("sync", $"{Url}/slip", Folder.File("to"), "--delete");
        Assert.Equal(2, down.ExitCode);
        Assert.StartsWith(
            $"lepton: There is nothing at '{Url}/slip/', and --delete would delete all 1 file", down.Error,
            StringComparison.Ordinal);
        Assert.Equal(["a"], FilesBelow("to"));
        await PutAsync("data/a", "1");
        Directory.CreateDirectory(Folder.File("empty"));
        using LeptonRun up = await RunAsync("sync", Folder.File("empty"), $"{Url}/data", "--delete");
        Assert.Equal(2, up.ExitCode);
        Assert.Equal(["data/a"], await KeysAsync());
    }

    [Theory]
    [InlineData("sync")]
    [InlineData("get")]
    public async Task Down_KeysThatLeadOut_AreLeftOutAndTold(string command)
    {
        string[] bad = ["../up", "a/../../up", "/abs", "a//b", "./dot", "file/below", "tail/"];
        foreach (string key in (string[])[.. bad, "good", "file"])
        {
            await PutAsync($"data/{key}", "x");
        }

        await PutAsync("data/marker/", "");
        string[] options = command == "get" ? ["--recursive"] : [];
        using LeptonRun run = await RunAsync([command, $"{Url}/data", Folder.File("to/deep"), .. options]);
        Assert.Equal(1, run.ExitCode);
        foreach (string key in bad)
        {
            Assert.Contains($"lepton: left out {Url}/data/{key}: ", run.Error, StringComparison.Ordinal);
        }

        Assert.Equal(bad.Length, run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(["to/deep/file", "to/deep/good"], FilesBelow(""));
    }

    [Fact]
    public async Task Down_LinkInTheDirectory_IsNotWrittenThrough()
    {
        Directory.CreateDirectory(Folder.File("outside"));
        Directory.CreateDirectory(Folder.File("to"));
        Directory.CreateSymbolicLink(Folder.File("to/link"), Folder.File("outside"));
        await PutAsync("data/link/evil", "x");
        using LeptonRun run = await RunAsync("sync", $"{Url}/data", Folder.File("to"));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("nothing is written through it", run.Error, StringComparison.Ordinal);
        Assert.Empty(FilesBelow("outside"));
    }

    [Fact]
    public async Task Up_Links_AreFollowedToFilesOnly()
    {
        Write("from/a", "content of a");
        File.CreateSymbolicLink(Folder.File("from/b"), Folder.File("from/a"));
        Directory.CreateSymbolicLink(Folder.File("from/round"), Folder.File("from"));
        await LinesAsync("sync", Folder.File("from"), $"{Url}/data");
        Assert.Equal(["data/a", "data/b"], await KeysAsync());
        Assert.Equal("content of a", await ReadAsync("data/b"));
    }

    private static IEnumerable<string> Sorted(IEnumerable<string> lines) => lines.Order(StringComparer.Ordinal);
}
