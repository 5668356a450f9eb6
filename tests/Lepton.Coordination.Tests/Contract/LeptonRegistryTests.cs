using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>Against Lepton's own services.</summary>
public sealed class LeptonRegistryTests(LeptonFixture lepton) : RegistryContract(lepton);
