using System.Globalization;
using System.Runtime.CompilerServices;

namespace Lepton.Coordination.Tests;

/// <summary>What tests of clients have in common.</summary>
public abstract class CoordinationTest
{
    private static int s_names;

    /// <summary>How long a test waits for what must happen; its end says which step did not.</summary>
    private protected static TimeSpan Patience { get; } = TimeSpan.FromMinutes(2);

    /// <summary>A name that no other test has.</summary>
    private protected static string NewName([CallerMemberName] string test = "") =>
        string.Create(CultureInfo.InvariantCulture, $"{test}-{Interlocked.Increment(ref s_names)}");

    /// <summary>Waits for a step and, where it does not happen, fails with its name.</summary>
    private protected static async Task<T> Step<T>(Task<T> task, string step)
    {
        await Step((Task)task, step);
        return await task;
    }

    /// <inheritdoc cref="Step{T}"/>
    private protected static async Task Step(Task task, string step)
    {
        using CancellationTokenSource limit = new(Patience);
        TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = limit.Token.Register(() => over.TrySetResult());
        Task first = await Task.WhenAny(task, over.Task);
        Assert.True(first == task, $"This step did not happen: {step}.");
        await task;
    }

    /// <summary>Completes when a token is cancelled.</summary>
    private protected static Task Cancelled(CancellationToken token)
    {
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        token.Register(() => cancelled.TrySetResult());
        return cancelled.Task;
    }
}
