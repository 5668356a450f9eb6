using System.Text;

namespace Lepton.Torch.Modules;

/// <summary>
/// The names that members have in a state dictionary: <c>SelfAttn</c> and <c>_selfAttn</c> are <c>self_attn</c>,
/// <c>Linear1</c> is <c>linear1</c>, <c>WeightIhL0</c> is <c>weight_ih_l0</c>.
/// </summary>
internal static class StateNames
{
    /// <summary>A member's name in snake_case; the compiler's names of hidden fields give the name in them.</summary>
    public static string Of(string member)
    {
        ReadOnlySpan<char> name = member;
        if (name.StartsWith('<') && name.IndexOf('>') is var end and > 1)
        {
            name = name[1..end];
        }

        name = name.TrimStart('_');
        var text = new StringBuilder(name.Length + 8);
        for (int i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0 && name[i - 1] != '_' && BeginsWord(name, i))
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    // An upper-case letter begins a word behind a small letter or a digit, and as the last of several before a small
    // one.
    private static bool BeginsWord(ReadOnlySpan<char> name, int i) =>
        !char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1]));
}
