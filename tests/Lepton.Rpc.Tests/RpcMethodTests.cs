using Lepton.Rpc.Tests.Protocol;

namespace Lepton.Rpc.Tests;

public sealed class RpcMethodTests
{
    [Fact]
    public void Constructor_Names_MakeThePath() =>
        Assert.Equal("/a.b.Service/Do", new RpcMethod<Note, Note>("a.b.Service", "Do", Note.Parser, Note.Parser).Path);

    [Fact]
    public void Constructor_NameWithSlash_IsRefused()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(
            () => new RpcMethod<Note, Note>("a/b", "Do", Note.Parser, Note.Parser));
        Assert.Contains("'a/b' holds '/'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RpcException_OK_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new RpcException(StatusCode.OK, "fine"));
}
