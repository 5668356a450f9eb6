using Google.Protobuf;
using Lepton.Coordination.Protocol;

namespace Lepton.Coordination.Services;

/// <summary>A place in the queue for a lock or a leadership: the key that stands for it.</summary>
/// <param name="Prefix">What the keys of all places begin with.</param>
/// <param name="Key">This place's key.</param>
/// <param name="CreateRevision">The key's create revision: the order of the queue, and the fencing token.</param>
/// <param name="Lease">The lease that the place lives by.</param>
/// <param name="IsNew">Whether this call made it; it was there already otherwise.</param>
/// <param name="IsFirst">Whether it was the first when it was taken.</param>
/// <param name="Value">The key's value.</param>
/// <param name="Header">The header of the transaction that took it.</param>
internal sealed record QueuePlace(
    ByteString Prefix, ByteString Key, long CreateRevision, long Lease, bool IsNew, bool IsFirst, ByteString Value,
    ResponseHeader Header);
