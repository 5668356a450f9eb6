using Lepton.Core.Records;

namespace Lepton.Core.Hashing;

/// <summary>
/// <see cref="StableHash.Of{T}"/> resolved once, for loops over many values of a type that is not known where they are
/// written. Immutable and thread safe.
/// </summary>
public abstract class StableHasher<T>
{
    // Either a hasher or the refusal: a field initialiser that threw would hide the refusal in a
    // TypeInitializationException.
    private static readonly object s_resolved = HasherFactory.Resolve<T>();

    private protected StableHasher()
    {
    }

    /// <summary>The hasher of <typeparamref name="T"/>.</summary>
    /// <exception cref="UncodableTypeException">As <see cref="StableHash.Of{T}"/> throws it.</exception>
    public static StableHasher<T> Default => s_resolved as StableHasher<T> ?? throw Refuse();

    /// <summary>The hash of <paramref name="value"/>, as <see cref="StableHash.Of{T}"/> gives it.</summary>
    public abstract ulong Hash(T value);

    private static UncodableTypeException Refuse()
    {
        UncodableTypeException refusal = (UncodableTypeException)s_resolved;
        return new UncodableTypeException(refusal.Type, refusal.Path, refusal.Reason);
    }
}
