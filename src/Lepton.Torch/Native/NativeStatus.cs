namespace Lepton.Torch.Native;

/// <summary>How a call of the shim ended: <c>lt_status</c> in <c>lepton_torch.h</c>, by the same numbers.</summary>
internal enum NativeStatus
{
    Ok = 0,
    Failed = 1,
    OutOfMemory = 2,
    NotImplemented = 3,
    Index = 4,
    UnknownOperator = 5,
    Argument = 6,
    Callback = 7,
    Timeout = 8,
    Connection = 9,
    Absent = 10,
}
