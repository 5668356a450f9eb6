namespace Gpt;

/// <summary>The sizes of a model.</summary>
internal sealed record GptOptions
{
    /// <summary>Characters that it knows.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Characters that it looks back at.</summary>
    public int Context { get; init; } = 128;

    /// <summary>Blocks.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Heads of attention.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Numbers that stand for a character, a multiple of the heads.</summary>
    public int Width { get; init; } = 128;

    /// <summary>The share of activations that are dropped in training.</summary>
    public double Dropout { get; init; }
}
