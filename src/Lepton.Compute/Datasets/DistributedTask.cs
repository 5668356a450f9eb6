namespace Lepton.Compute.Datasets;

/// <summary>
/// A job in the shape of MapReduce: <see cref="Map"/> runs once for each input, on the workers, <see cref="Reduce"/>
/// once over what the maps gave. Run it with <see cref="DistributedTaskActions.RunAsync"/>.
/// </summary>
/// <remarks>
/// The object is sent to the workers by value, with its fields. Both methods may be called again after a failure, so
/// they must give the same result for the same arguments and change nothing outside. What Map writes to fields is seen
/// neither by other tasks nor by Reduce.
/// </remarks>
/// <typeparam name="TInput">What one map task works on: anything that the record codec can carry.</typeparam>
/// <typeparam name="TPartial">What a map task gives: anything that the record codec can carry.</typeparam>
/// <typeparam name="TResult">What the job gives: anything that the record codec can carry.</typeparam>
public abstract class DistributedTask<TInput, TPartial, TResult>
{
    /// <summary>Works on one input. Runs on any worker, beside the others.</summary>
    public abstract TPartial Map(TInput input);

    /// <summary>Puts the partial results together. Runs on one worker, when all are there.</summary>
    /// <param name="partials">One for each input, in the order of the inputs. They can be enumerated once.</param>
    public abstract TResult Reduce(IEnumerable<TPartial> partials);
}
