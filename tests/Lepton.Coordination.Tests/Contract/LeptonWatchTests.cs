using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>Against Lepton's own server.</summary>
public sealed class LeptonWatchTests(LeptonFixture lepton) : WatchContract(lepton);
