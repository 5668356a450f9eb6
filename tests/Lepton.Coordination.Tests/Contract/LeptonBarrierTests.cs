using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>Against Lepton's own server.</summary>
public sealed class LeptonBarrierTests(LeptonFixture lepton) : BarrierContract(lepton);
