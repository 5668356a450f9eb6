// One storage node for all tests of its protocol; each test has buckets of its own.
[assembly: AssemblyFixture(typeof(Lepton.Storage.Tests.StorageFixture))]
