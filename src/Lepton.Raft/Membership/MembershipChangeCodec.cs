using Lepton.Raft.Messages;

namespace Lepton.Raft.Membership;

/// <summary>The bytes of a change of membership on its way to the leader.</summary>
internal static class MembershipChangeCodec
{
    private const byte Version = 1;

    public static byte[] Encode(MembershipChange change)
    {
        FieldWriter writer = new();
        writer.Byte(Version);
        switch (change)
        {
            case MembershipChange.AddLearner add:
                writer.Byte(1);
                MembershipCodec.WriteMember(writer, add.Member);
                break;
            case MembershipChange.AddVoter add:
                writer.Byte(2);
                MembershipCodec.WriteMember(writer, add.Member);
                break;
            case MembershipChange.Promote promote:
                writer.Byte(3);
                writer.Id(promote.Id);
                break;
            case MembershipChange.Remove remove:
                writer.Byte(4);
                writer.Id(remove.Id);
                break;
            case MembershipChange.Update update:
                writer.Byte(5);
                MembershipCodec.WriteMember(writer, update.Member);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(change), change, "This kind of change is not known.");
        }

        return writer.ToArray();
    }

    public static MembershipChange Decode(ReadOnlyMemory<byte> bytes)
    {
        FieldReader reader = new(bytes, "change of membership");
        reader.Version(Version);
        MembershipChange change = reader.Byte() switch
        {
            1 => new MembershipChange.AddLearner(MembershipCodec.ReadMember(reader)),
            2 => new MembershipChange.AddVoter(MembershipCodec.ReadMember(reader)),
            3 => new MembershipChange.Promote(reader.Id()),
            4 => new MembershipChange.Remove(reader.Id()),
            5 => new MembershipChange.Update(MembershipCodec.ReadMember(reader)),
            byte kind => throw reader.Malformed($"the kind {kind} is not known"),
        };
        reader.End();
        return change;
    }
}
