namespace Lepton.Rpc;

/// <summary>Who made a call fail.</summary>
public enum RpcParty
{
    /// <summary>The one who called: the deadline it set passed, or it sent or allowed too little.</summary>
    Caller,

    /// <summary>The one who was called: it answered with a status, or broke the protocol.</summary>
    Callee,

    /// <summary>The way between: refused, reset, timed out, or a callee that vanished.</summary>
    Network,
}
