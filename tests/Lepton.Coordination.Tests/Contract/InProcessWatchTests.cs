using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>Against Lepton's own members in this process, without a socket.</summary>
public sealed class InProcessWatchTests(InProcessFixture members) : WatchContract(members);
