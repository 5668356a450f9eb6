namespace Lepton.Learning.Tests.Golden;

/// <summary>
/// The shuffle of NumPy's RandomState (MT19937, Matsumoto and Nishimura 1998), which the golden figures' folds were cut
/// with. Judging on the very same folds leaves the algorithm as the only difference.
/// </summary>
internal sealed class NumpyShuffle
{
    private const int Words = 624;
    private readonly uint[] _state = new uint[Words];
    private int _next = Words;

    public NumpyShuffle(uint seed)
    {
        _state[0] = seed;
        for (int i = 1; i < Words; i++)
        {
            _state[i] = (1812433253u * (_state[i - 1] ^ (_state[i - 1] >> 30))) + (uint)i;
        }
    }

    public void Shuffle(Span<int> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int other = (int)UpTo((uint)i);
            (values[i], values[other]) = (values[other], values[i]);
        }
    }

    /// <summary>Draws with as many bits as the bound has until one fits.</summary>
    private uint UpTo(uint bound)
    {
        uint mask = uint.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(bound);
        uint value;
        do
        {
            value = NextUInt32() & mask;
        }
        while (value > bound);
        return value;
    }

    private uint NextUInt32()
    {
        if (_next == Words)
        {
            Twist();
        }

        uint y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680u;
        y ^= (y << 15) & 0xefc60000u;
        return y ^ (y >> 18);
    }

    private void Twist()
    {
        for (int i = 0; i < Words; i++)
        {
            uint y = (_state[i] & 0x80000000u) | (_state[(i + 1) % Words] & 0x7fffffffu);
            _state[i] = _state[(i + 397) % Words] ^ (y >> 1) ^ ((y & 1) == 0 ? 0 : 0x9908b0dfu);
        }

        _next = 0;
    }
}
