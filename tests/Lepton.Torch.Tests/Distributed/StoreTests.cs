using System.Net;
using System.Net.Sockets;
using System.Text;
using Lepton.Torch.Distributed;

namespace Lepton.Torch.Tests.Distributed;

public sealed class StoreTests : TorchTest
{
    [Theory]
    [InlineData("process")]
    [InlineData("tcp")]
    [InlineData("callbacks")]
    [InlineData("prefix")]
    public void Store_EachKind_KeepsKeys(string kind)
    {
        using Store below = Make(kind);
        using Store store = kind == "prefix" ? below.WithPrefix("group 1") : below;

        store.Set("key", "value");
        Assert.Equal("value", store.GetText("key"));
        Assert.True(store.Contains("key"));
        Assert.False(store.Contains("key", "other"));
        Assert.Equal(5, store.Add("count", 5));
        Assert.Equal(3, store.Add("count", -2));
        Assert.Equal("first", Text(store.CompareSet("new", [], "first"u8)));
        Assert.Equal("first", Text(store.CompareSet("new", "wrong"u8, "second"u8)));
        Assert.Equal("second", Text(store.CompareSet("new", "first"u8, "second"u8)));
        store.Wait(TimeSpan.FromSeconds(5), "key", "new");
        Assert.True(store.CountKeys() >= 3);
        Assert.True(store.Remove("key"));
        Assert.False(store.Remove("key"));
        Assert.False(store.Contains("key"));
    }

    [Theory]
    [InlineData("process")]
    [InlineData("tcp")]
    [InlineData("callbacks")]
    public void Wait_OneOfSeveralKeysDoesNotCome_IsNamed(string kind)
    {
        using Store store = Make(kind);
        store.Set("rank 0", "here");

        var e = Assert.Throws<CollectiveException>(
            () => store.Wait(TimeSpan.FromMilliseconds(100), "rank 0", "rank 1"));

        Assert.Equal(CollectiveFault.Timeout, e.Fault);
        Assert.EndsWith(" Missing: rank 1.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("process")]
    [InlineData("tcp")]
    [InlineData("callbacks")]
    public void Wait_KeyDoesNotCome_TimesOutNamingIt(string kind)
    {
        using Store store = Make(kind);

        var e = Assert.Throws<CollectiveException>(() => store.Wait(TimeSpan.FromMilliseconds(100), "absent"));

        Assert.Equal(CollectiveFault.Timeout, e.Fault);
        Assert.StartsWith("The store's wait for absent failed: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tcp_SecondClient_SeesTheFirstOnesKeys()
    {
        using Store server = Store.Tcp("127.0.0.1", 0, isServer: true, timeout: TimeSpan.FromSeconds(10));
        using Store client = Store.Tcp("127.0.0.1", server.Port, isServer: false, timeout: TimeSpan.FromSeconds(10));

        client.Set("a", [0, 1, 255]);

        Assert.Equal([0, 1, 255], server.Get("a"));
    }

    [Fact]
    public void Tcp_NobodyListens_SaysWhere()
    {
        var e = Assert.Throws<CollectiveException>(
            () => Store.Tcp("127.0.0.1", 1, isServer: false, timeout: TimeSpan.FromMilliseconds(300)));

        Assert.StartsWith("The store at 127.0.0.1:1 failed: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tcp_PortInUse_SaysSo()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var e = Assert.Throws<CollectiveException>(() => Store.Tcp("127.0.0.1", port, isServer: true));

        Assert.Equal(CollectiveFault.Refused, e.Fault);
        Assert.StartsWith($"The store at 127.0.0.1:{port} can't listen there: ", e.Message, StringComparison.Ordinal);
        Assert.IsType<SocketException>(e.InnerException);
    }

    [Fact]
    public void Tcp_PortThatWasJustLeft_ListensThereAgain()
    {
        int port;
        using (Store first = Store.Tcp("127.0.0.1", 0, isServer: true, timeout: TimeSpan.FromSeconds(10)))
        {
            port = first.Port;
        }

        using Store second = Store.Tcp("127.0.0.1", port, isServer: true, timeout: TimeSpan.FromSeconds(10));

        second.Set("a", "b");
        Assert.Equal((port, "b"), (second.Port, second.GetText("a")));
    }

    [Fact]
    public void From_StoreThatThrows_ItsExceptionComesOut()
    {
        using Store store = Store.From(new DictionaryStore { Refuses = true });

        Assert.Equal("refused", Assert.Throws<FormatException>(() => store.Set("a", "b")).Message);
    }

    [Fact]
    public void From_StoreOfOurs_RanksMeetAtIt()
    {
        var keys = new DictionaryStore();
        Store[] stores = [.. Enumerable.Range(0, 3).Select(_ => Store.From(keys, TimeSpan.FromSeconds(30)))];

        Ranks.Run(3, rank => stores[rank], static group =>
        {
            Tensor x = Torch.Ones([2]);
            group.AllReduce(x).Wait();
            Assert.Equal(6, x.Sum().ToDouble());
        });

        Assert.True(keys.Count() > 0);
        Assert.All(stores, static store => store.Dispose());
    }

    private static Store Make(string kind) => kind switch
    {
        "tcp" => Store.Tcp("127.0.0.1", 0, isServer: true, timeout: TimeSpan.FromSeconds(10)),
        "callbacks" => Store.From(new DictionaryStore(), TimeSpan.FromSeconds(10)),
        _ => Store.InProcess(TimeSpan.FromSeconds(10)),
    };

    private static string Text(byte[] value) => Encoding.UTF8.GetString(value);
}
