// Each test starts processes that use all processors; side by side they would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

// One object store for all tests of objects; each has buckets of its own.
[assembly: AssemblyFixture(typeof(Lepton.Cli.Tests.Objects.ObjectStoreFixture))]
