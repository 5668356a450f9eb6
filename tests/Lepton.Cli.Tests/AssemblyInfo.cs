// Each test starts processes that use all processors; side by side they would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
