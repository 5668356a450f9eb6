namespace Lepton.Rpc.Server;

/// <summary>
/// Code around every call: it sees the call before its handler and may run <paramref name="next"/> or end the call by
/// throwing <see cref="RpcException"/>.
/// </summary>
public delegate Task RpcInterceptor(RpcServerCall call, Func<Task> next);
