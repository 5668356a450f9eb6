using Lepton.Raft.Messages;

namespace Lepton.Raft.Membership;

/// <summary>
/// The bytes of a membership, in entries and snapshots: a version, then the members, the three lists of ids and a
/// fourth one. That is empty, and kept for voters that are to become learners when a joint membership is left, which no
/// change asks for yet. The same membership has the same bytes on every node.
/// </summary>
public static class MembershipCodec
{
    /// <summary>The version of the format.</summary>
    public const byte Version = 1;

    /// <summary>Encodes a membership.</summary>
    public static byte[] Encode(ClusterMembership membership)
    {
        FieldWriter writer = new();
        Write(writer, membership);
        return writer.ToArray();
    }

    /// <summary>Decodes a membership.</summary>
    /// <exception cref="MalformedMessageException">The bytes are no membership of this version.</exception>
    public static ClusterMembership Decode(ReadOnlyMemory<byte> bytes)
    {
        FieldReader reader = new(bytes, "membership");
        ClusterMembership membership = Read(reader);
        reader.End();
        return membership;
    }

    internal static void Write(FieldWriter writer, ClusterMembership membership)
    {
        writer.Byte(Version);
        writer.Count(membership.Members.Count);
        foreach (Member member in membership.Members)
        {
            WriteMember(writer, member);
        }

        WriteIds(writer, membership.Voters);
        WriteIds(writer, membership.OutgoingVoters);
        WriteIds(writer, membership.Learners);
        WriteIds(writer, []);
    }

    internal static ClusterMembership Read(FieldReader reader)
    {
        reader.Version(Version);
        Member[] members = new Member[reader.Count(bytesEach: 11)];
        for (int i = 0; i < members.Length; i++)
        {
            members[i] = ReadMember(reader);
        }

        ClusterMembership membership = new(members, ReadIds(reader), ReadIds(reader), ReadIds(reader));
        if (ReadIds(reader).Length > 0)
        {
            throw reader.Malformed("it names voters that become learners, which this version does not know");
        }

        return MembershipChanger.FaultOf(membership) is { } fault ? throw reader.Malformed(fault) : membership;
    }

    internal static void WriteMember(FieldWriter writer, Member member)
    {
        writer.Id(member.Id);
        writer.Text(member.Name);
        writer.Byte(member.VotesWhenReady ? (byte)1 : (byte)0);
        writer.Count(member.PeerUrls.Count);
        foreach (string url in member.PeerUrls)
        {
            writer.Text(url);
        }
    }

    internal static Member ReadMember(FieldReader reader)
    {
        NodeId id = reader.Id();
        string name = reader.Text();
        bool votesWhenReady = reader.Byte() != 0;
        string[] urls = new string[reader.Count(bytesEach: 1)];
        for (int i = 0; i < urls.Length; i++)
        {
            urls[i] = reader.Text();
        }

        return new Member(id, name, urls) { VotesWhenReady = votesWhenReady };
    }

    internal static void WriteIds(FieldWriter writer, IReadOnlyList<NodeId> ids)
    {
        writer.Count(ids.Count);
        foreach (NodeId id in ids)
        {
            writer.Id(id);
        }
    }

    internal static NodeId[] ReadIds(FieldReader reader)
    {
        NodeId[] ids = new NodeId[reader.Count(bytesEach: 8)];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = reader.Id();
        }

        return ids;
    }
}
