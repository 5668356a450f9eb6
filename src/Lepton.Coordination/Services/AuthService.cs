using Lepton.Coordination.Protocol;

namespace Lepton.Coordination.Services;

/// <summary>
/// etcd's service <c>Auth</c>, which says that there is none: who may connect is a matter of certificates.
/// </summary>
internal sealed class AuthService(ServiceCore core)
{
    private const string Service = "etcdserverpb.Auth";

    public void MapTo(ServiceMap map)
    {
        map.Unary(Service, "AuthStatus", AuthStatusRequest.Parser, AuthStatusResponse.Parser,
            (_, _) => Task.FromResult(new AuthStatusResponse { Header = core.Header() }));
        map.Unary(Service, "AuthDisable", AuthDisableRequest.Parser, AuthDisableResponse.Parser,
            (_, _) => Task.FromResult(new AuthDisableResponse { Header = core.Header() }));
        map.Unary(
            Service, "Authenticate", AuthenticateRequest.Parser, AuthenticateResponse.Parser,
            static (_, _) => throw EtcdStatus.AuthNotEnabled.Raise());
        map.Unary(
            Service, "AuthEnable", AuthEnableRequest.Parser, AuthEnableResponse.Parser,
            static (_, _) => throw EtcdStatus.AuthUnsupported.Raise());
    }
}
