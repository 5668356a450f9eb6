using Lepton.Compute.Datasets;
using Lepton.Compute.Execution;
using Lepton.Compute.Formats;

namespace Lepton.Compute.Plans;

/// <summary>Loads the URLs of each partition, several at a time, in their order.</summary>
internal sealed class UrlNode(PlanNode<string> parent, UrlOptions options) : NarrowNode<string, UrlContent>(parent)
{
    public override string Label => "ReadUrls";

    public override IEnumerable<UrlContent> Compute(int partition, TaskContext context)
    {
        string[] urls = [.. Parent.Compute(partition, context)];
        using SocketsHttpHandler handler = UrlLoader.NewHandler();
        using var loader = new UrlLoader(handler, TimeProvider.System);
        IAsyncEnumerator<byte[]> loaded = loader
            .LoadManyAsync(urls.Select(url => new Uri(url)), options, context.Cancellation)
            .GetAsyncEnumerator(context.Cancellation);
        try
        {
            // A task's pipeline is synchronous and has a thread of its own, so waiting here blocks nobody else.
            for (int i = 0; loaded.MoveNextAsync().AsTask().GetAwaiter().GetResult(); i++)
            {
                yield return new UrlContent(urls[i], loaded.Current);
            }
        }
        finally
        {
            loaded.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}
