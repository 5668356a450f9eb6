using Lepton.Compute.Execution;
using Lepton.Compute.Protocol;
using Lepton.Compute.Shuffle;
using Lepton.Compute.Tests.Execution;
using Lepton.Core.Records;
using Lepton.Rpc.Server;

namespace Lepton.Compute.Tests.Shuffle;

public sealed class ShuffleInputTests : IDisposable
{
    private const string Token = "0123456789abcdef-secret";
    private readonly TaskBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Records_SeveralMapOutputs_ComeInTheOrderOfTheMapPartitions() =>
        Assert.Equal(["a1", "a2", "c1"],
            Read(_bench, partition: 1, Output("a", "a1", "a2"), Output("b"), Output("c", "c1")));

    [Fact]
    public void Records_OutputIsNotThere_NamesTheMapPartitionAndTheWorker()
    {
        OutputLocation gone = Output("gone", "x");
        File.Delete(gone.Path);
        ShuffleFetchException failed = Assert.Throws<ShuffleFetchException>(() =>
            Read(_bench, 1, Output("a", "a1"), gone));
        Assert.Equal((5, 1), (failed.ShuffleId, failed.MapPartition));
        Assert.StartsWith(
            "The output of map partition 1 of shuffle 5 can't be read: w9 wrote it. Could not find file",
                failed.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void NewHandler_Always_ReachesWorkersDirectly()
    {
        using SocketsHttpHandler handler = RemoteBlocks.NewHandler();
        Assert.False(handler.UseProxy);
        Assert.False(handler.AllowAutoRedirect);
        Assert.False(handler.UseCookies);
    }

    [Fact]
    public void Records_WorkerIsLost_SaysSo()
    {
        ShuffleFetchException failed = Assert.Throws<ShuffleFetchException>(() =>
            Read(_bench, 1, new OutputLocation()));
        Assert.Equal("The output of map partition 0 of shuffle 5 can't be read: its worker is lost", failed.Message);
    }

    [Fact]
    public void Records_Damaged_IsAFailureToFetch()
    {
        OutputLocation damaged = Output("damaged", "text");
        byte[] bytes = File.ReadAllBytes(damaged.Path);
        bytes[9] ^= 4;
        File.WriteAllBytes(damaged.Path, bytes);
        Assert.Equal(0, Assert.Throws<ShuffleFetchException>(() => Read(_bench, 1, damaged)).MapPartition);
    }

    [Fact]
    public void Records_NotAnnounced_IsNobodysFault()
    {
        ShuffleFetchException failed = Assert.Throws<ShuffleFetchException>(
            () => new ShuffleInput(_bench.Task(), 77, 0).Records<string>().ToList());
        Assert.Equal((77, -1), (failed.ShuffleId, failed.MapPartition));
    }

    [Fact]
    public void Batches_ManyRecords_CountsTheBytesRead()
    {
        string[] texts = [.. Enumerable.Range(0, 1000).Select(i => $"record {i}")];
        TaskContext task = Task(_bench, Output("a", texts));
        Assert.Equal(texts, new ShuffleInput(task, 5, 1).Records<string>());
        Assert.InRange(task.Metrics.ShuffleReadBytes, 8000, 20_000);
    }

    [Fact]
    public async Task Records_OverHttp_EqualsTheFile()
    {
        string[] texts = [.. Enumerable.Range(0, 40_000).Select(i => $"record {i} of some length")];
        await using RpcServer server = await BlockEndpoint.StartAsync(_bench.Root, Token);
        using var remote = new RemoteBlocks(Token);
        using var bench = new TaskBench(remote: remote);
        OutputLocation first = At(server, Output("first", texts));
        OutputLocation second = At(server, Output("with space+%", "last"));
        Assert.Equal([.. texts, "last"], Read(bench, 1, first, second));
        Assert.Empty(Read(bench, 0, first));
    }

    [Theory]
    [InlineData("none", "404")]
    [InlineData("../secret", "404")]
    [InlineData("damaged", "410")]
    public async Task Records_OverHttpAndNotToBeHad_IsAFailureToFetch(string file, string status)
    {
        File.WriteAllText(_bench.PathOf("damaged"), "this is no shuffle output");
        await using RpcServer server = await BlockEndpoint.StartAsync(_bench.Root, Token);
        using var remote = new RemoteBlocks(Token);
        using var bench = new TaskBench(remote: remote);
        OutputLocation output = At(server, new OutputLocation { Worker = "w9", Path = file });
        ShuffleFetchException failed = Assert.Throws<ShuffleFetchException>(() => Read(bench, 1, output));
        Assert.Contains(status, failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_OverHttpWithAnotherToken_IsRefused()
    {
        await using RpcServer server = await BlockEndpoint.StartAsync(_bench.Root, Token);
        using var remote = new RemoteBlocks("0123456789abcdef-guessed");
        using var bench = new TaskBench(remote: remote);
        OutputLocation output = At(server, Output("a", "a1"));
        ShuffleFetchException failed = Assert.Throws<ShuffleFetchException>(() => Read(bench, 1, output));
        Assert.Contains("401", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_OverHttpDamagedOnTheDisk_IsAFailureToFetch()
    {
        OutputLocation damaged = Output("later", "text");
        byte[] bytes = File.ReadAllBytes(damaged.Path);
        bytes[9] ^= 4;
        File.WriteAllBytes(damaged.Path, bytes);
        await using RpcServer server = await BlockEndpoint.StartAsync(_bench.Root, Token);
        using var remote = new RemoteBlocks(Token);
        using var bench = new TaskBench(remote: remote);
        ShuffleFetchException failed = Assert.Throws<ShuffleFetchException>(() => Read(bench, 1, At(server, damaged)));
        Assert.Contains("the block at byte 0 is damaged", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Records_OverHttpAndNobodyAnswers_IsAFailureToFetchUnlessCancelled(bool cancelled)
    {
        using var source = new CancellationTokenSource();
        using var remote = new RemoteBlocks(Token, new SilentHandler(() =>
        {
            if (cancelled)
            {
                source.Cancel();
            }
        }));
        using var bench = new TaskBench(remote: remote);
        var output = new OutputLocation { Worker = "w9", Path = "a", BlockAddress = "http://127.0.0.1:9" };
        var locations = new ShuffleLocations { Shuffle = 5 };
        locations.Outputs.Add(output);
        var input = new ShuffleInput(bench.Task(inputs: [locations], cancellation: source.Token), 5, 1);

        Exception thrown = Assert.ThrowsAny<Exception>(() => input.Records<string>().ToList());

        Assert.Equal(cancelled, thrown is OperationCanceledException);
        Assert.Equal(!cancelled, thrown is ShuffleFetchException { ShuffleId: 5, MapPartition: 0 });
    }

    private static OutputLocation At(RpcServer server, OutputLocation output)
    {
        output.BlockAddress = server.Address.ToString();
        return output;
    }

    private static TaskContext Task(TaskBench bench, params OutputLocation[] outputs)
    {
        var locations = new ShuffleLocations { Shuffle = 5 };
        locations.Outputs.AddRange(outputs);
        return bench.Task(inputs: [locations]);
    }

    private static List<string> Read(TaskBench bench, int partition, params OutputLocation[] outputs) =>
        [.. new ShuffleInput(Task(bench, outputs), 5, partition).Records<string>()];

    /// <summary>An output of two partitions, all of whose records are in the second.</summary>
    private OutputLocation Output(string name, params string[] texts)
    {
        using var writer = new PartitionedFileWriter(_bench.PathOf(name), 2, 1 << 20);
        foreach (string text in texts)
        {
            writer.Write(1, RecordCodec.For<string>(), text);
        }

        writer.Complete();
        return new OutputLocation { Worker = "w9", Path = writer.Path };
    }

    /// <summary>Gives up as the client's own handler does when a connect takes too long.</summary>
    private sealed class SilentHandler(Action asked) : HttpMessageHandler
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            asked();
            throw new TaskCanceledException("A connection could not be established within the configured " +
                "ConnectTimeout.", new TimeoutException());
        }

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) =>
            System.Threading.Tasks.Task.FromResult(Send(request, cancellationToken));
    }
}
