namespace Lepton.Bench.Data;

/// <summary>
/// SplitMix64's output function (Steele, Lea and Flood 2014). Here and not the library's generator, because the peers'
/// programs hold the same formula and must make the same data.
/// </summary>
internal static class SplitMix
{
    public static ulong Of(ulong index)
    {
        ulong z = unchecked(index + 0x9e37_79b9_7f4a_7c15UL);
        z = unchecked((z ^ (z >> 30)) * 0xbf58_476d_1ce4_e5b9UL);
        z = unchecked((z ^ (z >> 27)) * 0x94d0_49bb_1331_11ebUL);
        return z ^ (z >> 31);
    }
}
