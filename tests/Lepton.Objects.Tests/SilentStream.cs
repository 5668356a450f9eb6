namespace Lepton.Objects.Tests;

/// <summary>A pipe whose writer lives and says nothing more. When that is so, the reader is cancelled.</summary>
internal sealed class SilentStream(byte[] content, CancellationTokenSource cancelled) : DrippingStream(content)
{
    private readonly TaskCompletionSource<int> _never = new();

    protected override Task<int> EndAsync()
    {
        // Not by the caller's own read, which hears of nothing.
        ThreadPool.QueueUserWorkItem(static source => source.Cancel(), cancelled, preferLocal: false);
        return _never.Task;
    }
}
