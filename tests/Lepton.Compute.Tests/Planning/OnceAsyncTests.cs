using Lepton.Compute.Plans;

namespace Lepton.Compute.Tests.Planning;

public sealed class OnceAsyncTests
{
    private readonly OnceAsync<int> _once = new();
    private readonly TaskCompletionSource<int> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task GetAsync_SeveralCallers_ComputesOnce()
    {
        Task<int> first = _once.GetAsync(() => _first.Task, CancellationToken.None);
        Task<int> second = _once.GetAsync(Never, CancellationToken.None);
        _first.SetResult(7);
        int[] got = await Task.WhenAll(first, second, _once.GetAsync(Never, CancellationToken.None));
        Assert.Equal([7, 7, 7], got);
    }

    [Fact]
    public async Task GetAsync_TheOthersAttemptFails_TriesItself()
    {
        Task<int> first = _once.GetAsync(() => _first.Task, CancellationToken.None);
        Task<int> second = _once.GetAsync(() => Task.FromResult(8), CancellationToken.None);
        _first.SetException(new FormatException("first"));
        await Assert.ThrowsAsync<FormatException>(() => first);
        Assert.Equal(8, await second);
    }

    [Fact]
    public async Task GetAsync_TheOthersAttemptIsCancelled_TriesItself()
    {
        Task<int> first = _once.GetAsync(() => _first.Task, CancellationToken.None);
        Task<int> second = _once.GetAsync(() => Task.FromResult(8), CancellationToken.None);
        _first.SetCanceled();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(8, await second);
    }

    [Fact]
    public async Task GetAsync_WaitingCallerCancels_LeavesTheOtherAlone()
    {
        using var canceller = new CancellationTokenSource();
        Task<int> first = _once.GetAsync(() => _first.Task, CancellationToken.None);
        Task<int> second = _once.GetAsync(Never, canceller.Token);
        canceller.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        _first.SetResult(7);
        Assert.Equal(7, await first);
    }

    /// <summary>What computes works in its caller's action, which must not end before.</summary>
    [Fact]
    public async Task GetAsync_ComputingCallerCancels_ReturnsWhenItsOwnAttemptHasEnded()
    {
        using var canceller = new CancellationTokenSource();
        Task<int> first = _once.GetAsync(() => _first.Task, canceller.Token);
        canceller.Cancel();
        Assert.False(first.IsCompleted);
        _first.SetCanceled(canceller.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    private static Task<int> Never() => throw new InvalidOperationException("this must not be computed");
}
