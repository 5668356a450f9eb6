using Google.Protobuf;
using Lepton.Coordination.Protocol;

namespace Lepton.Coordination.Services;

/// <summary>A place in the queue for a lock or a leadership: the key that stands for it.</summary>
/// <param name="Prefix">What the keys of all places begin with.</param>
/// <param name="Key">This place's key.</param>
/// <param name="CreateRevision">The key's create revision: the order of the queue, and the fencing token.</param>
/// <param name="Lease">The lease that the place lives by.</param>
/// <param name="ModRevision">The key's revision when this call took the place, or took it over from another.</param>
/// <param name="IsFirst">Whether it was the first when it was taken.</param>
/// <param name="Header">The header of the transaction that took it.</param>
internal sealed record QueuePlace(
    ByteString Prefix, ByteString Key, long CreateRevision, long Lease, long ModRevision, bool IsFirst,
    ResponseHeader Header)
{
    /// <summary>Whether this call made the place; it was there already otherwise.</summary>
    public bool IsNew => ModRevision == CreateRevision;
}
