using System.Text.Json;
using Lepton.Objects;
using Lepton.Objects.Tests;

namespace Lepton.Cli.Tests.Objects;

public sealed class ObjectCommandTests(StoreFixture store) : ObjectTest(store)
{
    [Fact]
    public async Task Bucket_MakeListRemove_DoWhatTheySay()
    {
        string url = $"s3://{Store.NewBucketName()}";
        Assert.Equal([$"Made {url}/"], await LinesAsync("mb", url));
        Assert.Equal([$"{url}/ is there already."], await LinesAsync("mb", url));
        Assert.Contains(await LinesAsync("ls"), line => line.EndsWith($"Z  {url}/", StringComparison.Ordinal));
        string json = Assert.Single(
            await LinesAsync("ls", "--json"), line => line.Contains($"\"{url}/\"", StringComparison.Ordinal));
        Assert.True(JsonDocument.Parse(json).RootElement.GetProperty("createdAt").TryGetDateTimeOffset(out _));
        Assert.Equal(["0 objects, 0 bytes"], await LinesAsync("ls", url));
        Assert.Equal([$"Removed {url}/"], await LinesAsync("rb", url));
        using LeptonRun gone = await RunAsync("ls", url);
        Assert.Equal(16, gone.ExitCode);
        using LeptonRun full = await FullAsync();
        Assert.Equal(14, full.ExitCode);
        Assert.Contains("the bucket is not empty", full.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PutGetCpRm_OneFile_DoWhatTheySay()
    {
        string file = Write("corpus.txt", "to be or not to be");
        Assert.Matches(
            $"^put {Url}/text/corpus.txt: 18 bytes in [0-9.]+ s, .*/s$",
            Assert.Single(await LinesAsync("put", file, $"{Url}/text/")));
        Assert.Equal("to be or not to be", await ReadAsync("text/corpus.txt"));
        Assert.Equal(
            [$"copied {Url}/copy/corpus.txt"], await LinesAsync("cp", $"{Url}/text/corpus.txt", $"{Url}/copy/"));

        string target = Folder.File("new/place/back.txt");
        Assert.StartsWith(
            $"get {target}: 18 bytes", Assert.Single(await LinesAsync("get", $"{Url}/copy/corpus.txt", target)),
            StringComparison.Ordinal);
        Assert.Equal("to be or not to be", await File.ReadAllTextAsync(target, Cancellation));
        await LinesAsync("get", $"{Url}/copy/corpus.txt", Folder.File("new"));
        Assert.Equal(["corpus.txt", "place/back.txt"], FilesBelow("new"));

        Assert.Equal([$"rm {Url}/copy/corpus.txt"], await LinesAsync("rm", $"{Url}/copy/corpus.txt"));
        using LeptonRun again = await RunAsync("rm", $"{Url}/copy/corpus.txt");
        Assert.Equal(
            $"lepton: {Url}/copy/corpus.txt: there is no such object. 'lepton object ls {Url}/copy/' shows what " +
            "there is.\n", again.Error);
        Assert.Equal(16, again.ExitCode);
        Assert.Equal(["text/corpus.txt"], await KeysAsync());
    }

    [Fact]
    public async Task PutGet_StandardInputAndOutput_AreTheContent()
    {
        await using StartedLepton put = Start("put", "-", $"{Url}/piped");
        await put.Input.WriteAsync("from a pipe\n"u8.ToArray(), Cancellation);
        put.Input.Close();
        using LeptonRun run = await put.EndAsync();
        Assert.Equal(("", 0), (run.Error, run.ExitCode));
        Assert.StartsWith($"put {Url}/piped: 12 bytes", run.Output, StringComparison.Ordinal);
        using LeptonRun get = await RunAsync("get", $"{Url}/piped", "-");
        Assert.Equal(("from a pipe\n", "", 0), (get.Output, get.Error, get.ExitCode));
    }

    [Fact]
    public async Task Put_Link_IsTheFileThatItLeadsTo()
    {
        string file = Write("a", "content");
        File.CreateSymbolicLink(Folder.File("link"), file);
        string line = Assert.Single(await LinesAsync("put", Folder.File("link"), Url));
        Assert.StartsWith($"put {Url}/link: 7 bytes in ", line, StringComparison.Ordinal);
        Assert.Equal("content", await ReadAsync("link"));
    }

    [Fact]
    public async Task LsStatDu_Objects_TellSizesTimesAndTotals()
    {
        await PutAsync("readme", "x");
        await PutAsync("text/a", new string('a', 2048));
        await PutAsync("text/b\u001b[2J", "y");
        await PutAsync("text/deep/c", "");

        string[] level = await LinesAsync("ls", Url);
        Assert.Equal($"{"folder",33}  text/", level[0]);
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ       1 byte  readme$", level[1]);
        Assert.Equal(("1 object, 1 folder, 1 byte", 3), (level[2], level.Length));
        string[] below = await LinesAsync("ls", $"{Url}/text/");
        Assert.EndsWith("2.0 KiB  a", below[1], StringComparison.Ordinal);
        Assert.EndsWith("1 byte  b\uFFFD[2J", below[2], StringComparison.Ordinal);
        string[] all = await LinesAsync("ls", Url, "--recursive");
        Assert.EndsWith("0 bytes  text/deep/c", all[3], StringComparison.Ordinal);
        Assert.Equal("4 objects, 2.0 KiB", all[4]);

        JsonElement[] json = [.. (await LinesAsync("ls", Url, "--json")).Select(ParseJson)];
        Assert.Equal(($"{Url}/text/", true), (Text(json[0], "url"), json[0].GetProperty("isFolder").GetBoolean()));
        Assert.Equal(($"{Url}/readme", 1), (Text(json[1], "url"), json[1].GetProperty("bytes").GetInt64()));
        JsonElement stat = ParseJson(Assert.Single(await LinesAsync("stat", $"{Url}/text/a", "--json")));
        Assert.Equal((2048, 32), (stat.GetProperty("bytes").GetInt64(), Text(stat, "eTag").Length));
        string[] details = await LinesAsync("stat", $"{Url}/text/a");
        Assert.Equal([$"url       {Url}/text/a", "size      2.0 KiB (2,048 bytes)"], details[..2]);

        Assert.Equal(
        [
            $"{"2.0 KiB",11}  {"3 objects",16}  {Url}/text/",
            $"{"2.0 KiB",11}  {"4 objects",16}  {Url}/",
        ], await LinesAsync("du", Url));
    }

    [Fact]
    public async Task Recursive_PutGetRm_TakeWhatIsBelowTheFolder()
    {
        Write("corpus/a", "1");
        Write("corpus/deep/b", "22");
        await PutAsync("textbooks/c", "3");
        string[] put = await LinesAsync("put", Folder.File("corpus"), $"{Url}/text", "--recursive");
        Assert.Equal([$"put {Url}/text/a", $"put {Url}/text/deep/b"], put[..2].Order(StringComparer.Ordinal));
        Assert.StartsWith("2 files put, 3 bytes in ", put[2], StringComparison.Ordinal);
        Assert.Equal(["text/a", "text/deep/b", "textbooks/c"], await KeysAsync());
        await LinesAsync("get", $"{Url}/text", Folder.File("back"), "--recursive");
        Assert.Equal(["a", "deep/b"], FilesBelow("back"));
        Assert.Equal(["2 objects deleted, 3 bytes"], await LinesAsync("rm", $"{Url}/text", "--recursive"));
        Assert.Equal(["textbooks/c"], await KeysAsync());
    }

    [Fact]
    public async Task Recursive_Cp_CopiesWhatIsBelowTheFolder()
    {
        await PutAsync("text/a", "1");
        await PutAsync("text/deep/b", "22");
        await PutAsync("textbooks/c", "3");
        string[] lines = await LinesAsync("cp", $"{Url}/text", $"{Url}/copy", "--recursive");
        Assert.Equal(
            [$"copied {Url}/copy/a", $"copied {Url}/copy/deep/b"], lines[..2].Order(StringComparer.Ordinal));
        Assert.StartsWith("2 objects copied, 3 bytes in ", lines[2], StringComparison.Ordinal);
        Assert.Equal(["copy/a", "copy/deep/b", "text/a", "text/deep/b", "textbooks/c"], await KeysAsync());
        Assert.Equal("22", await ReadAsync("copy/deep/b"));

        // Below itself: what is copied is what was there.
        await LinesAsync("cp", $"{Url}/copy", $"{Url}/copy/copy", "-r");
        Assert.Equal(
            ["copy/a", "copy/copy/a", "copy/copy/deep/b", "copy/deep/b"],
            (await KeysAsync()).Where(static key => key.StartsWith("copy/", StringComparison.Ordinal)));
        using LeptonRun same = await RunAsync("cp", $"{Url}/copy", $"{Url}/copy/", "-r");
        Assert.Equal(2, same.ExitCode);
        Assert.Contains("would be copied to itself", same.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Presign_PutAndGet_AreUrlsWithoutAKey()
    {
        using HttpClient http = new();
        using StringContent content = new("by url");
        string put = Assert.Single(await LinesAsync("presign", $"{Url}/a b", "--put", "--expires", "15m"));
        (await http.PutAsync(new Uri(put), content, Cancellation)).EnsureSuccessStatusCode();
        string get = Assert.Single(await LinesAsync("presign", $"{Url}/a b"));
        Assert.Equal("by url", await http.GetStringAsync(new Uri(get), Cancellation));
        Assert.Contains("X-Amz-Expires=3600", get, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_FromTheNodesOwnFile_IsFound()
    {
        Dictionary<string, string> environment = new(Environment)
        {
            ["AWS_ACCESS_KEY_ID"] = "", ["AWS_SECRET_ACCESS_KEY"] = "", ["AWS_PROFILE"] = "default",
            ["AWS_SHARED_CREDENTIALS_FILE"] = Store.CredentialsFile,
            ["AWS_ENDPOINT_URL_S3"] = "http://127.0.0.1:1",
        };
        await using StartedLepton started = StartedLepton.Start(
            "Lepton.Cli", environment, "object", "ls", Url, "--endpoint", Address.Endpoint!);
        using LeptonRun run = await started.EndAsync();
        Assert.Equal(("0 objects, 0 bytes\n", "", 0), (run.Output, run.Error, run.ExitCode));
    }

    private static JsonElement ParseJson(string line) => JsonDocument.Parse(line).RootElement;

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private async Task<LeptonRun> FullAsync()
    {
        await PutAsync("a", "1");
        return await RunAsync("rb", Url);
    }
}
