namespace Lepton.Simulation.Checking;

/// <summary>One key of the store: a value, or none (the empty string stands for none; nobody writes it).</summary>
public sealed class RegisterModel : ISequentialModel<string, RegisterInput, RegisterOutput>
{
    /// <inheritdoc/>
    public string Initial => "";

    /// <inheritdoc/>
    public (bool IsRight, string Next) Step(string state, RegisterInput input, RegisterOutput? output)
    {
        string? value = state.Length == 0 ? null : state;
        return input switch
        {
            RegisterInput.Get => (output is null || output.Value == value, state),
            RegisterInput.Put put => (true, put.Value),
            RegisterInput.Clear => (true, ""),
            RegisterInput.Delete => (output is null || output.Done == value is not null, ""),
            RegisterInput.CompareAndSet cas when cas.Expected == value => (output is null || output.Done, cas.Value),
            RegisterInput.CompareAndSet => (output is null || !output.Done, state),
            _ => throw new ArgumentException($"{input} is no operation of a key.", nameof(input)),
        };
    }
}
