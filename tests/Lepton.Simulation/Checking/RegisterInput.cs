namespace Lepton.Simulation.Checking;

/// <summary>What is asked of one key.</summary>
public abstract record RegisterInput
{
    private RegisterInput()
    {
    }

    /// <summary>Reads its value.</summary>
    public sealed record Get : RegisterInput
    {
        public override string ToString() => "get";
    }

    /// <summary>Writes a value.</summary>
    public sealed record Put(string Value) : RegisterInput
    {
        public override string ToString() => $"put {Value}";
    }

    /// <summary>Deletes it.</summary>
    public sealed record Delete : RegisterInput
    {
        public override string ToString() => "delete";
    }

    /// <summary>Deletes it, and is not told whether it was there.</summary>
    public sealed record Clear : RegisterInput
    {
        public override string ToString() => "clear";
    }

    /// <summary>Writes a value where another one stands; null stands for none.</summary>
    public sealed record CompareAndSet(string? Expected, string Value) : RegisterInput
    {
        public override string ToString() => $"cas {Expected ?? "none"} -> {Value}";
    }
}
