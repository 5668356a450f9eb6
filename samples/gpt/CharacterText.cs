using System.IO.Compression;
using Lepton.Torch;
using Lepton.Training.Data;

namespace Gpt;

/// <summary>A text by characters: samples of so many of them, [length], and those that follow each, [length].</summary>
internal sealed class CharacterText : IDataset
{
    private readonly long[] _codes;
    private readonly int _length;

    private CharacterText(long[] codes, string characters, int length)
    {
        _codes = codes;
        _length = length;
        Characters = characters;
    }

    /// <summary>All characters of the text, in their order; a character's code is its place.</summary>
    public string Characters { get; }

    public long Count => (_codes.Length - 1) / _length;

    /// <summary>The Bible, the first so many characters of it.</summary>
    public static CharacterText Bible(int charactersMax, int length)
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "data", "kjv.txt.gz"));
        using var reader = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        string text = reader.ReadToEnd();
        string characters = string.Concat(text.Distinct().Order());
        long[] codes = [.. text.Take(charactersMax)
            .Select(character => (long)characters.IndexOf(character, StringComparison.Ordinal))];
        if (codes.Length <= 10 * length)
        {
            throw new ArgumentException(
                $"{codes.Length} characters are too few for samples of {length}. Give more with --characters.");
        }

        return new CharacterText(codes, characters, length);
    }

    /// <summary>The first nine tenths to learn from, the rest to validate on.</summary>
    public (CharacterText Train, CharacterText Validation) Split()
    {
        int end = _codes.Length / 10 * 9;
        return (
            new CharacterText(_codes[..end], Characters, _length),
            new CharacterText(_codes[end..], Characters, _length));
    }

    public long[] Encode(string text) => [.. text.Select(character =>
        Characters.IndexOf(character, StringComparison.Ordinal) is var code and >= 0
            ? (long)code
            : throw new ArgumentException($"'{character}' is not in the text that was learned."))];

    public string Decode(IEnumerable<long> codes) => string.Concat(codes.Select(code => Characters[(int)code]));

    public IReadOnlyList<Tensor> Read(ReadOnlySpan<long> indices)
    {
        var inputs = new long[indices.Length * _length];
        var targets = new long[inputs.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            int start = (int)indices[i] * _length;
            _codes.AsSpan(start, _length).CopyTo(inputs.AsSpan(i * _length));
            _codes.AsSpan(start + 1, _length).CopyTo(targets.AsSpan(i * _length));
        }

        return [Torch.From(inputs, [indices.Length, _length]), Torch.From(targets, [indices.Length, _length])];
    }
}
