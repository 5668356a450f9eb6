// The count of live tensors is of the whole process, and ranks use all processors: tests run one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
