namespace Lepton.Rpc.Server;

/// <summary>A method that is served.</summary>
/// <param name="IsStreaming">Whether its calls may live long, and so end at once when the server stops.</param>
/// <param name="Handle">Runs a call and gives its response; null where the responses went through the sink.</param>
internal sealed record RpcRoute(bool IsStreaming, Func<CallContext, Task<Google.Protobuf.IMessage?>> Handle);
