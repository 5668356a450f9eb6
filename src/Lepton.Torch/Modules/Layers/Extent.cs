namespace Lepton.Torch.Modules;

/// <summary>
/// A size in each dimension of a kernel: one number for all of them, <c>3</c>, or one for each, <c>(3, 5)</c>.
/// </summary>
public readonly record struct Extent
{
    private readonly long[] _sizes;

    private Extent(params long[] sizes) => _sizes = sizes;

    public static implicit operator Extent(long size) => FromInt64(size);

    public static implicit operator Extent((long Height, long Width) sizes) => FromSizes(sizes.Height, sizes.Width);

    /// <summary>One size for all dimensions.</summary>
    public static Extent FromInt64(long size) => new(size);

    /// <summary>A size for each dimension.</summary>
    public static Extent FromSizes(params ReadOnlySpan<long> sizes) => new(sizes.ToArray());

    /// <summary>The sizes of so many dimensions.</summary>
    /// <exception cref="ArgumentException">It has another number, or one is below <paramref name="min"/>.</exception>
    internal long[] Of(int dimensions, long min, string what)
    {
        long[] sizes = _sizes is { Length: 1 } ? [.. Enumerable.Repeat(_sizes[0], dimensions)] : _sizes ?? [];
        return sizes.Length != dimensions
            ? throw new ArgumentException(
                $"{what} has {sizes.Length} sizes; one, or {dimensions}, were expected.", what)
            : sizes.Any(size => size < min)
                ? throw new ArgumentException($"{what} [{string.Join(", ", sizes)}] has a size below {min}.", what)
                : sizes;
    }
}
