namespace Lepton.Rpc;

/// <summary>How a call ended and, where it failed, why in words.</summary>
public readonly record struct RpcStatus(StatusCode Code, string Detail)
{
    /// <summary>Success.</summary>
    public static RpcStatus OK => new(StatusCode.OK, "");

    /// <summary>Whether <see cref="Code"/> is <see cref="StatusCode.OK"/>.</summary>
    public bool IsOK => Code == StatusCode.OK;
}
