using Lepton.Rpc.Tests.Protocol;

namespace Lepton.Rpc.Tests;

/// <summary>The methods that the tests call.</summary>
internal static class Echo
{
    public const string Service = "lepton.rpc.tests.Echo";

    public static readonly RpcMethod<Note, Note> Unary = Method("Unary");
    public static readonly RpcMethod<Note, Note> Many = Method("Many");
    public static readonly RpcMethod<Note, Note> Sum = Method("Sum");
    public static readonly RpcMethod<Note, Note> Chat = Method("Chat");

    public static RpcMethod<Note, Note> Method(string name) => new(Service, name, Note.Parser, Note.Parser);
}
