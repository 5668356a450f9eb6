using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Lepton.Raft;

namespace Lepton.Coordination.Hosting;

/// <summary>
/// The ids of a new cluster's members and of the cluster, as etcd computes them: every node comes to the same ones from
/// the same settings, without asking another.
/// </summary>
internal static class ClusterIds
{
    /// <summary>A member's id: SHA-1 of its sorted peer URLs and the cluster's token.</summary>
    public static NodeId Member(IReadOnlyList<string> peerUrls, string token) =>
        new(First(Encoding.UTF8.GetBytes(string.Concat(peerUrls.Order(StringComparer.Ordinal)) + token)));

    /// <summary>The cluster's id: SHA-1 of its members' ids, ascending.</summary>
    public static ulong Cluster(IEnumerable<NodeId> members)
    {
        List<byte> bytes = [];
        byte[] one = new byte[sizeof(ulong)];
        foreach (NodeId member in members.Order())
        {
            BinaryPrimitives.WriteUInt64BigEndian(one, member.Value);
            bytes.AddRange(one);
        }

        return First([.. bytes]);
    }

    private static ulong First(byte[] bytes)
    {
#pragma warning disable CA5350 // An id that every node must come to by itself, not a secret: what is wanted is etcd's.
        byte[] hash = SHA1.HashData(bytes);
#pragma warning restore CA5350
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }
}
