using Microsoft.AspNetCore.Http;

namespace Lepton.Rpc.Server;

/// <summary>
/// Decides who may call, before the method or route is looked up. <see cref="RpcStatus.OK"/> lets the request in; any
/// other status ends a gRPC call as it is, and a plain HTTP request as 403 for
/// <see cref="StatusCode.PermissionDenied"/> and as 401 otherwise.
/// </summary>
public delegate ValueTask<RpcStatus> RpcAuthenticator(HttpContext context);
