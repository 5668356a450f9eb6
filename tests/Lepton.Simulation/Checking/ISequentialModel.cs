namespace Lepton.Simulation.Checking;

/// <summary>What an object does when one operation after the other is done to it.</summary>
/// <typeparam name="TState">Its state: immutable, compared by value.</typeparam>
/// <typeparam name="TInput">What an operation asks for.</typeparam>
/// <typeparam name="TOutput">What it answers.</typeparam>
public interface ISequentialModel<TState, TInput, TOutput>
    where TState : notnull
    where TInput : notnull
    where TOutput : class
{
    /// <summary>The state before any operation.</summary>
    TState Initial { get; }

    /// <summary>Does an operation to a state.</summary>
    /// <param name="output">What was answered; null where nobody knows, so that any answer is right.</param>
    /// <returns>The state afterwards, and whether the answer is the right one in <paramref name="state"/>.</returns>
    (bool IsRight, TState Next) Step(TState state, TInput input, TOutput? output);
}
