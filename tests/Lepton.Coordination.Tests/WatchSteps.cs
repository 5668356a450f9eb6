using System.Runtime.CompilerServices;

namespace Lepton.Coordination.Tests;

/// <summary>Streams whose next element must come within a test's patience.</summary>
internal static class WatchSteps
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    public static async IAsyncEnumerable<T> WithStepLimit<T>(
        this IAsyncEnumerable<T> source, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using IAsyncEnumerator<T> elements = source.GetAsyncEnumerator(limit.Token);
        while (true)
        {
            limit.CancelAfter(s_patience);
            bool any;
            try
            {
                any = await elements.MoveNextAsync();
            }
            catch (OperationCanceledException)
                when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
            {
                throw new TimeoutException("This step did not happen: the stream tells something.");
            }

            if (!any)
            {
                yield break;
            }

            limit.CancelAfter(Timeout.InfiniteTimeSpan);
            yield return elements.Current;
        }
    }
}
