using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Failures;

/// <summary>Against Lepton's own server.</summary>
public sealed class MembershipOfLeptonTests() : MembershipContract(ServerProgram.Lepton);
