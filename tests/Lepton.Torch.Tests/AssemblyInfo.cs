// The count of live tensors is of the whole process: a test that compares it runs alone.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
