using Lepton.Coordination.Client;

namespace Lepton.Coordination.Tests.Client;

public sealed class ClusterTextTests
{
    [Fact]
    public void ToString_MemberAndStatus_AreReadable()
    {
        ClusterMember member = new(
            new MemberId(0xab), "n1", ["http://127.0.0.1:2380", "http://127.0.0.1:2390"], [], IsLearner: true);
        Assert.Equal(
            "ab 'n1' (learner), peers at http://127.0.0.1:2380, http://127.0.0.1:2390, clients at none",
            member.ToString());
        EndpointStatus status = new(
            "http://127.0.0.1:2379", new MemberId(0xab), new MemberId(0xab), "3.5.0", new Revision(7), 4096, 2, 9, 8,
            IsLearner: false, ["alarm:NOSPACE"]);
        Assert.Equal(
            "http://127.0.0.1:2379: leader ab of version 3.5.0, leader ab, term 2, index 9, applied 8, revision 7, " +
            "4096 bytes, alarm:NOSPACE",
            status.ToString());
    }
}
