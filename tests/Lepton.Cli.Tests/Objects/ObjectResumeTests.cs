using System.Diagnostics;
using Lepton.Objects.Tests;

namespace Lepton.Cli.Tests.Objects;

/// <summary>A download that is killed, and the same command again.</summary>
public sealed class ObjectResumeTests(StoreFixture store) : ObjectTest(store)
{
    [Fact]
    public async Task Get_AfterAKill_AsksForTheRestOfTheSameVersion()
    {
        using HalfStore half = new();
        string target = Folder.File("long");
        string partial = Folder.File(".long.lepton-partial");
        string[] command = ["get", "s3://b/long", target, "--endpoint", half.Address];
        await using (StartedLepton get = Start(command))
        {
            using PeriodicTimer clock = new(TimeSpan.FromMilliseconds(20));
            using CancellationTokenSource limit = LeptonRun.NewLimit();
            while (!await IsFirstPartKeptAsync(partial))
            {
                await clock.WaitForNextTickAsync(limit.Token);
            }

            await get.SignalAsync("KILL");
            (await get.EndAsync()).Dispose();
        }

        Assert.Equal([".long.lepton-partial"], FilesBelow(""));
        half.TakeRequests();
        half.Open();
        string line = Assert.Single(await LinesAsync(command));
        Assert.Matches($"^get {target}: 1,000 bytes in .*/s \\(16\\.0 MiB of it were here already\\)$", line);
        Assert.Equal(
            ["HEAD", "HEAD", $"GET bytes={HalfStore.PartBytes}-{half.Content.Length - 1} 1"],
            half.TakeRequests().Select(static request => request.Replace("\"", "", StringComparison.Ordinal)));
        Assert.True((await File.ReadAllBytesAsync(target, Cancellation)).AsSpan().SequenceEqual(half.Content));
        Assert.Equal(["long"], FilesBelow(""));
    }

    [Fact]
    public async Task Sync_PartialFile_IsNotPut()
    {
        Write("corpus/a", "1");
        Write("corpus/.b.lepton-partial", "half of b");
        await LinesAsync("sync", Folder.File("corpus"), $"{Url}/corpus");
        Assert.Equal(["corpus/a"], await KeysAsync());
    }

    /// <summary>The marks of both parts end the file. It is locked for .NET's own readers.</summary>
    private static async Task<bool> IsFirstPartKeptAsync(string partial)
    {
        if (!File.Exists(partial) || new FileInfo(partial).Length <= HalfStore.PartBytes)
        {
            return false;
        }

        using Process tail = Process.Start(
            new ProcessStartInfo("tail", ["--bytes", "2", partial]) { RedirectStandardOutput = true })!;
        string marks = await tail.StandardOutput.ReadToEndAsync(Cancellation);
        await tail.WaitForExitAsync(Cancellation);
        return marks is ['\u0001', _];
    }
}
