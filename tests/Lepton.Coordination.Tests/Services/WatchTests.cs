using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Services;
using Lepton.Raft;
using Lepton.Rpc;
using Lepton.Rpc.Client;

namespace Lepton.Coordination.Tests.Services;

/// <summary>Watches beyond what the transcripts show: many, slow, large, and over time.</summary>
public sealed class WatchTests : ServiceTest
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Watch_ThousandOfOneKey_AllAreToldAllOnceAndInOrder()
    {
        const int Streams = 4;
        const int WatchesPerStream = 250;
        const int Puts = 20;
        TestServer server = await ServeAsync();
        List<RpcDuplexCall<WatchRequest, WatchResponse>> streams = [];
        for (int i = 0; i < Streams; i++)
        {
            RpcDuplexCall<WatchRequest, WatchResponse> stream = server.Channel.OpenDuplex(Methods.Watch);
            streams.Add(stream);
            await stream.WriteManyAsync(
                Enumerable.Range(0, WatchesPerStream).Select(_ => Create(new() { Key = Bytes("k") })));
            for (int j = 0; j < WatchesPerStream; j++)
            {
                Assert.True((await NextAsync(stream)).Created);
            }
        }

        for (int i = 0; i < Puts; i++)
        {
            await server.Channel.UnaryAsync(Methods.Put, Put("k", $"{i}"));
        }

        foreach (RpcDuplexCall<WatchRequest, WatchResponse> stream in streams)
        {
            long[] next = [.. Enumerable.Repeat(2L, WatchesPerStream)];
            while (next.Any(revision => revision < 2 + Puts))
            {
                WatchResponse response = await NextAsync(stream);
                foreach (Event e in response.Events)
                {
                    Assert.Equal(next[response.WatchId]++, e.Kv.ModRevision);
                }

                Assert.Equal(next[response.WatchId] - 1, response.Header.Revision);
            }

            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task Trap30_ClientNeverReads_OthersGetAllAndItLearnsOfTheCompaction()
    {
        const int Puts = 400;
        TestServer server = await ServeAsync();
        using RpcChannel slowChannel = new(server.Address, new RpcChannelOptions { StreamWindowBytes = 65_535 });
        await using RpcDuplexCall<WatchRequest, WatchResponse> slow = slowChannel.OpenDuplex(Methods.Watch);
        await using RpcDuplexCall<WatchRequest, WatchResponse> fast = server.Channel.OpenDuplex(Methods.Watch);
        await slow.WriteAsync(Create(new() { Key = Bytes("k") }));
        await fast.WriteAsync(Create(new() { Key = Bytes("k") }));
        Assert.True((await NextAsync(slow)).Created);
        Assert.True((await NextAsync(fast)).Created);
        PutRequest put = new() { Key = Bytes("k"), Value = ByteString.CopyFrom(new byte[100_000]) };
        for (int i = 0; i < Puts; i++)
        {
            await server.Channel.UnaryAsync(Methods.Put, put);
            Assert.Equal(2 + i, (await NextAsync(fast)).Events.Single().Kv.ModRevision);
        }

        await server.Channel.UnaryAsync(Methods.Compact, new() { Revision = 1 + Puts });

        // It was given what lay in the buffers of its stream, and not one event twice or out of order.
        long next = 2;
        WatchResponse last;
        while ((last = await NextAsync(slow)).Events.Count > 0)
        {
            foreach (Event e in last.Events)
            {
                Assert.Equal(next++, e.Kv.ModRevision);
            }
        }

        Assert.True(last.Canceled);
        Assert.Equal(1 + Puts, last.CompactRevision);
        Assert.True(next < 100, $"{next - 2} events of 100 kB each were kept for a client that read nothing.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Watch_LargeRevision_ComesInFragmentsIfTheClientCanTakeThem(bool fragment)
    {
        const int Keys = 20;
        TestServer server = await ServeAsync(new() { RequestBytesMax = 200_000 });
        for (int i = 0; i < Keys; i++)
        {
            await server.Channel.UnaryAsync(Methods.Put, new PutRequest
            {
                Key = Bytes($"k/{i:d2}"),
                Value = ByteString.CopyFrom(new byte[100_000]),
            });
        }

        await using RpcDuplexCall<WatchRequest, WatchResponse> stream = server.Channel.OpenDuplex(Methods.Watch);
        await stream.WriteAsync(Create(new()
        {
            Key = Bytes("k/"),
            RangeEnd = Bytes("k0"),
            PrevKv = true,
            Fragment = fragment,
        }));
        await NextAsync(stream);
        await server.Channel.UnaryAsync(Methods.DeleteRange, new() { Key = Bytes("k/"), RangeEnd = Bytes("k0") });
        List<WatchResponse> parts = [];
        do
        {
            parts.Add(await NextAsync(stream));
        }
        while (parts[^1].Fragment);

        Assert.Equal(fragment, parts.Count > 1);
        Assert.All(parts, part => Assert.Equal(2 + Keys, part.Header.Revision));
        Assert.Equal(
            Enumerable.Range(0, Keys).Select(i => Bytes($"k/{i:d2}")),
            parts.SelectMany(part => part.Events).Select(e => e.Kv.Key));
        Assert.All(parts.SelectMany(part => part.Events), e => Assert.Equal(100_000, e.PrevKv.Value.Length));
    }

    [Fact]
    public async Task ProgressNotify_NothingHappens_TellsTheRevisionOncePerInterval()
    {
        ManualClock clock = new();
        TestServer server = await ServeAsync(new() { TimeProvider = clock, WatchProgressInterval = Interval });
        await using RpcDuplexCall<WatchRequest, WatchResponse> stream = server.Channel.OpenDuplex(Methods.Watch);
        await stream.WriteAsync(Create(new() { Key = Bytes("k"), ProgressNotify = true }));
        await stream.WriteAsync(Create(new() { Key = Bytes("k") }));
        Assert.True((await NextAsync(stream)).Created);
        Assert.True((await NextAsync(stream)).Created);
        await server.Channel.UnaryAsync(Methods.Put, Put("other"));
        clock.Advance(Interval);
        WatchResponse progress = await NextAsync(stream);
        Assert.Equal((0, 2, 0), (progress.WatchId, progress.Header.Revision, progress.Events.Count));

        // An event tells the revision too, so the next time is left out.
        await server.Channel.UnaryAsync(Methods.Put, Put("k"));
        Assert.Single((await NextAsync(stream)).Events);
        Assert.Single((await NextAsync(stream)).Events);
        clock.Advance(Interval);
        await stream.WriteAsync(new WatchRequest { ProgressRequest = new() });
        Assert.Equal((-1, 3), Pair(await NextAsync(stream)));
        clock.Advance(Interval);
        Assert.Equal((0, 3), Pair(await NextAsync(stream)));
    }

    [Fact]
    public async Task Trap31_ProgressRequestWhileBehind_IsAnsweredBehindTheEvents()
    {
        const int Puts = 5000;
        TestServer server = await ServeAsync();
        for (int i = 0; i < Puts; i++)
        {
            await server.Node.ProposeAsync(
                new Command { Put = Put($"k/{i % 7}", "v") }.ToByteArray(), CancellationToken.None);
        }

        await using RpcDuplexCall<WatchRequest, WatchResponse> stream = server.Channel.OpenDuplex(Methods.Watch);
        await stream.WriteAsync(Create(new() { Key = Bytes("k/"), RangeEnd = Bytes("k0"), StartRevision = 2 }));
        await stream.WriteAsync(new WatchRequest { ProgressRequest = new() });
        long told = 1;
        WatchResponse response;
        while ((response = await NextAsync(stream)).WatchId >= 0)
        {
            foreach (Event e in response.Events)
            {
                Assert.Equal(++told, e.Kv.ModRevision);
            }
        }

        Assert.Equal(told, response.Header.Revision);
        Assert.Equal(1 + Puts, told);
    }

    [Fact]
    public async Task Stream_TooManyWatches_RefusesThatOne()
    {
        TestServer server = await ServeAsync(new() { WatchesPerStreamMax = 1 });
        await using RpcDuplexCall<WatchRequest, WatchResponse> stream = server.Channel.OpenDuplex(Methods.Watch);
        await stream.WriteAsync(Create(new() { Key = Bytes("k") }));
        await stream.WriteAsync(Create(new() { Key = Bytes("k") }));
        Assert.False((await NextAsync(stream)).Canceled);
        WatchResponse refused = await NextAsync(stream);
        Assert.Equal(
            (true, true, -1, "etcdserver: too many watches on one stream"),
            (refused.Created, refused.Canceled, refused.WatchId, refused.CancelReason));
    }

    [Fact]
    public async Task Stream_LeaderLost_EndsWhereTheCallerRequiresOne()
    {
        ManualClock clock = new();
        TestServer server = await ServeAsync(new() { TimeProvider = clock });
        RpcCallOptions requiring = new() { Metadata = new RpcMetadata() };
        requiring.Metadata.Add("hasleader", "true");
        await using RpcDuplexCall<WatchRequest, WatchResponse> strict =
            server.Channel.OpenDuplex(Methods.Watch, requiring);
        await using RpcDuplexCall<WatchRequest, WatchResponse> patient = server.Channel.OpenDuplex(Methods.Watch);
        await strict.WriteAsync(Create(new() { Key = Bytes("k") }));
        await patient.WriteAsync(Create(new() { Key = Bytes("k") }));
        await NextAsync(strict);
        await NextAsync(patient);
        NodeId self = server.Node.Status.Id;
        server.Node.Status = server.Node.Status with { Leader = NodeId.None };
        clock.Advance(TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        await FailsAsync(strict.ReadAsync().AsTask(), StatusCode.Unavailable, "etcdserver: no leader");
        await FailsAsync(server.Channel.UnaryAsync(Methods.Put, Put("k"), requiring), StatusCode.Unavailable,
            "etcdserver: no leader");
        server.Node.Status = server.Node.Status with { Leader = self };
        await server.Channel.UnaryAsync(Methods.Put, Put("k"), requiring);
        Assert.Single((await NextAsync(patient)).Events);
    }

    [Fact]
    public async Task Stream_Ends_ItsWatchesAreGone()
    {
        TestServer server = await ServeAsync();
        RpcDuplexCall<WatchRequest, WatchResponse> stream = server.Channel.OpenDuplex(Methods.Watch);
        await stream.WriteAsync(Create(new() { Key = Bytes("k") }));
        await NextAsync(stream);
        Assert.Equal(1, await server.MetricAsync("lepton_coordination_watches"));
        await stream.DisposeAsync();
        while (await server.MetricAsync("lepton_coordination_watches") > 0)
        {
            await Task.Yield();
        }

        Assert.Equal(0, await server.MetricAsync("lepton_coordination_watch_streams"));
    }

    private static (long Id, long Revision) Pair(WatchResponse response) =>
        (response.WatchId, response.Header.Revision);

    private static WatchRequest Create(WatchCreateRequest request) => new() { CreateRequest = request };

    private static async Task<WatchResponse> NextAsync(RpcDuplexCall<WatchRequest, WatchResponse> stream) =>
        await Step(stream.ReadAsync().AsTask(), "the watch has something to say") ??
        throw new InvalidOperationException("The stream has ended.");
}
