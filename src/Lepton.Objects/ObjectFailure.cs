namespace Lepton.Objects;

/// <summary>Why a store did not do what it was asked.</summary>
public enum ObjectFailure
{
    /// <summary>It could not be reached, failed, or had another reason. Trying again may help.</summary>
    Other,

    /// <summary>The object, its bucket, or the upload is not there.</summary>
    NotFound,

    /// <summary>What is there is not what was to be read or replaced.</summary>
    Changed,

    /// <summary>There is no key, or the store does not know it, or it may not do this.</summary>
    Denied,

    /// <summary>The store has no room left, or the key's share of it is used up.</summary>
    Full,
}
