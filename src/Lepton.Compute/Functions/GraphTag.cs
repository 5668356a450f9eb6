namespace Lepton.Compute.Functions;

/// <summary>What stands before a value in the encoding, beside the numbers of <see cref="SendKind"/>.</summary>
internal static class GraphTag
{
    public const byte Null = 0;

    /// <summary>An object that came before; its number follows.</summary>
    public const byte Reference = 9;
}
