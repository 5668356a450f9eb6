using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lepton.Core.Hashing;

/// <summary>
/// XXH3, the 64-bit variant with a seed, as the xxHash specification fixes it (Y. Collet, xxHash 0.8). Little-endian
/// machines only, which are all that .NET ships for.
/// </summary>
internal static class Xxh3
{
    private const ulong Prime32A = 0x9E3779B1;
    private const ulong Prime32B = 0x85EBCA77;
    private const ulong Prime32C = 0xC2B2AE3D;
    private const ulong Prime64A = 0x9E3779B185EBCA87;
    private const ulong Prime64B = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime64C = 0x165667B19E3779F9;
    private const ulong Prime64D = 0x85EBCA77C2B2AE63;
    private const ulong Prime64E = 0x27D4EB2F165667C5;
    private const ulong PrimeMixA = 0x165667919E3779F9;
    private const ulong PrimeMixB = 0x9FB21C651E98DF25;

    private const int StripeBytes = 64;
    private const int SecretStepBytes = 8;
    private const int SecretBytes = 192;
    private const int StripesPerBlock = (SecretBytes - StripeBytes) / SecretStepBytes;
    private const int BlockBytes = StripeBytes * StripesPerBlock;

    private static ReadOnlySpan<byte> Secret =>
    [
        0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
        0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
        0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
        0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
        0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
        0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
        0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
        0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
        0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
        0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
        0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
        0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
    ];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Hash(ReadOnlySpan<byte> bytes, ulong seed)
    {
        ref byte input = ref MemoryMarshal.GetReference(bytes);
        int length = bytes.Length;
        return length <= 16 ? HashTo16(ref input, length, seed) : HashFrom17(ref input, length, seed);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong HashFrom17(ref byte input, int length, ulong seed)
    {
        if (length <= 128)
        {
            return HashTo128(ref input, length, seed);
        }

        return length <= 240 ? HashTo240(ref input, length, seed) : HashLong(ref input, length, seed);
    }

    private static ulong HashTo16(ref byte input, int length, ulong seed)
    {
        ref byte secret = ref MemoryMarshal.GetReference(Secret);
        if (length > 8)
        {
            ulong low = Read64(ref input, 0) ^ ((Read64(ref secret, 24) ^ Read64(ref secret, 32)) + seed);
            ulong high = Read64(ref input, length - 8) ^ ((Read64(ref secret, 40) ^ Read64(ref secret, 48)) - seed);
            return Avalanche(
                (ulong)length + BinaryPrimitives.ReverseEndianness(low) + high + MultiplyFold(low, high));
        }

        if (length >= 4)
        {
            ulong widened = seed ^ ((ulong)BinaryPrimitives.ReverseEndianness((uint)seed) << 32);
            ulong flip = (Read64(ref secret, 8) ^ Read64(ref secret, 16)) - widened;
            ulong both = Read32(ref input, length - 4) + ((ulong)Read32(ref input, 0) << 32);
            return MixShort(both ^ flip, length);
        }

        if (length > 0)
        {
            uint first = input;
            uint middle = Unsafe.Add(ref input, length >> 1);
            uint last = Unsafe.Add(ref input, length - 1);
            uint all = (first << 16) | (middle << 24) | last | ((uint)length << 8);
            return AvalancheOld(all ^ ((Read32(ref secret, 0) ^ Read32(ref secret, 4)) + seed));
        }

        return AvalancheOld(seed ^ Read64(ref secret, 56) ^ Read64(ref secret, 64));
    }

    private static ulong HashTo128(ref byte input, int length, ulong seed)
    {
        ref byte secret = ref MemoryMarshal.GetReference(Secret);
        ulong sum = (ulong)length * Prime64A;
        sum += Mix16(ref input, 0, ref secret, 0, seed) + Mix16(ref input, length - 16, ref secret, 16, seed);
        if (length > 32)
        {
            sum += Mix16(ref input, 16, ref secret, 32, seed) + Mix16(ref input, length - 32, ref secret, 48, seed);
            if (length > 64)
            {
                sum += Mix16(ref input, 32, ref secret, 64, seed) + Mix16(ref input, length - 48, ref secret, 80, seed);
                if (length > 96)
                {
                    sum += Mix16(ref input, 48, ref secret, 96, seed)
                        + Mix16(ref input, length - 64, ref secret, 112, seed);
                }
            }
        }

        return Avalanche(sum);
    }

    private static ulong HashTo240(ref byte input, int length, ulong seed)
    {
        const int SecretOffsetLater = 3;
        const int SecretOffsetLast = 136 - 17;
        ref byte secret = ref MemoryMarshal.GetReference(Secret);
        ulong sum = (ulong)length * Prime64A;
        for (int i = 0; i < 128; i += 16)
        {
            sum += Mix16(ref input, i, ref secret, i, seed);
        }

        sum = Avalanche(sum);
        for (int i = 128; i <= length - 16; i += 16)
        {
            sum += Mix16(ref input, i, ref secret, i - 128 + SecretOffsetLater, seed);
        }

        return Avalanche(sum + Mix16(ref input, length - 16, ref secret, SecretOffsetLast, seed));
    }

    private static ulong HashLong(ref byte input, int length, ulong seed)
    {
        Span<byte> seeded = stackalloc byte[SecretBytes];
        for (int i = 0; i < SecretBytes; i += 16)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(
                seeded[i..], BinaryPrimitives.ReadUInt64LittleEndian(Secret[i..]) + seed);
            BinaryPrimitives.WriteUInt64LittleEndian(
                seeded[(i + 8)..], BinaryPrimitives.ReadUInt64LittleEndian(Secret[(i + 8)..]) - seed);
        }

        ref byte secret = ref MemoryMarshal.GetReference(seeded);
        Span<ulong> sums = [Prime32C, Prime64A, Prime64B, Prime64C, Prime64D, Prime32B, Prime64E, Prime32A];
        ref ulong sum = ref MemoryMarshal.GetReference(sums);
        int blocks = (length - 1) / BlockBytes;
        for (int block = 0; block < blocks; block++)
        {
            Accumulate(ref sum, ref Unsafe.Add(ref input, block * BlockBytes), ref secret, StripesPerBlock);
            Scramble(ref sum, ref Unsafe.Add(ref secret, SecretBytes - StripeBytes));
        }

        int done = blocks * BlockBytes;
        Accumulate(ref sum, ref Unsafe.Add(ref input, done), ref secret, (length - 1 - done) / StripeBytes);
        Accumulate(
            ref sum,
            ref Unsafe.Add(ref input, length - StripeBytes),
            ref Unsafe.Add(ref secret, SecretBytes - StripeBytes - 7),
            1);

        const int SecretOffsetMerge = 11;
        ulong merged = (ulong)length * Prime64A;
        for (int i = 0; i < 8; i += 2)
        {
            merged += MultiplyFold(
                sums[i] ^ Read64(ref secret, SecretOffsetMerge + (8 * i)),
                sums[i + 1] ^ Read64(ref secret, SecretOffsetMerge + (8 * i) + 8));
        }

        return Avalanche(merged);
    }

    private static void Accumulate(ref ulong sum, ref byte input, ref byte secret, int stripes)
    {
        for (int stripe = 0; stripe < stripes; stripe++)
        {
            for (int lane = 0; lane < 8; lane += 2)
            {
                // The two lanes of a pair swap their raw input, so that a zeroed product can't lose it.
                ulong even = Read64(ref input, 8 * lane);
                ulong odd = Read64(ref input, (8 * lane) + 8);
                ulong evenKey = even ^ Read64(ref secret, 8 * lane);
                ulong oddKey = odd ^ Read64(ref secret, (8 * lane) + 8);
                Unsafe.Add(ref sum, lane) += odd + ((uint)evenKey * (evenKey >> 32));
                Unsafe.Add(ref sum, lane + 1) += even + ((uint)oddKey * (oddKey >> 32));
            }

            input = ref Unsafe.Add(ref input, StripeBytes);
            secret = ref Unsafe.Add(ref secret, SecretStepBytes);
        }
    }

    private static void Scramble(ref ulong sum, ref byte secret)
    {
        for (int lane = 0; lane < 8; lane++)
        {
            ulong value = Unsafe.Add(ref sum, lane);
            Unsafe.Add(ref sum, lane) = (value ^ (value >> 47) ^ Read64(ref secret, 8 * lane)) * Prime32A;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix16(ref byte input, int inputOffset, ref byte secret, int secretOffset, ulong seed) =>
        MultiplyFold(
            Read64(ref input, inputOffset) ^ (Read64(ref secret, secretOffset) + seed),
            Read64(ref input, inputOffset + 8) ^ (Read64(ref secret, secretOffset + 8) - seed));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyFold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Avalanche(ulong hash)
    {
        hash = (hash ^ (hash >> 37)) * PrimeMixA;
        return hash ^ (hash >> 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AvalancheOld(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * Prime64B;
        hash = (hash ^ (hash >> 29)) * Prime64C;
        return hash ^ (hash >> 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MixShort(ulong hash, int length)
    {
        hash ^= BitOperations.RotateLeft(hash, 49) ^ BitOperations.RotateLeft(hash, 24);
        hash *= PrimeMixB;
        hash ^= (hash >> 35) + (ulong)length;
        hash *= PrimeMixB;
        return hash ^ (hash >> 28);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read64(ref byte bytes, int offset) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Read32(ref byte bytes, int offset) =>
        Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref bytes, offset));
}
