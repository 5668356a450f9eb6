namespace Lepton.Storage.Objects;

/// <summary>On what a write depends, by the object that is there now.</summary>
/// <param name="MustBeAbsent">Nothing may be there (<c>If-None-Match: *</c>).</param>
/// <param name="ETag">What must be there, without quotes (<c>If-Match</c>); <c>*</c> for anything; null for no
/// matter.</param>
internal readonly record struct WriteCondition(bool MustBeAbsent, string? ETag)
{
    public static WriteCondition None => default;
}
