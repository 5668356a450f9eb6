// One server of each kind for all tests of the protocol; each test has buckets of its own.
[assembly: AssemblyFixture(typeof(Lepton.Storage.Tests.StorageFixture))]
[assembly: AssemblyFixture(typeof(Lepton.Storage.Tests.SwiftFixture))]
