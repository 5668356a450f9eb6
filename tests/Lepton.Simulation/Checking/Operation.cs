namespace Lepton.Simulation.Checking;

/// <summary>One operation of a client's, with the span of time in which it took effect if it did.</summary>
/// <param name="Client">Who asked.</param>
/// <param name="Input">What for.</param>
/// <param name="Output">The answer; null where none is known (a time-out, a lost connection): the operation may have
/// taken effect at any time after <paramref name="InvokedAt"/>, or never.</param>
/// <param name="InvokedAt">When it was asked, on a clock that all clients share.</param>
/// <param name="ReturnedAt">When the answer was there; without an answer it means nothing.</param>
public sealed record Operation<TInput, TOutput>(
    int Client, TInput Input, TOutput? Output, long InvokedAt, long ReturnedAt)
    where TInput : notnull
    where TOutput : class;
