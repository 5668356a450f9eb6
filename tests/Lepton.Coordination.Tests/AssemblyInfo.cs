// One server of each kind for all contract tests; each test has keys of its own.
[assembly: AssemblyFixture(typeof(Lepton.Coordination.Tests.Servers.EtcdFixture))]
[assembly: AssemblyFixture(typeof(Lepton.Coordination.Tests.Servers.LeptonFixture))]
[assembly: AssemblyFixture(typeof(Lepton.Coordination.Tests.Servers.InProcessFixture))]
