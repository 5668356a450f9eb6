using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Failures;

/// <summary>Against etcd.</summary>
public sealed class MembershipOfEtcdTests() : MembershipContract(ServerProgram.Etcd);
