namespace Lepton.Compute.Formats;

/// <summary>What happens with a row that can't be read.</summary>
public enum OnError
{
    /// <summary>Reading fails with a <see cref="MalformedRowException"/>.</summary>
    Fail,

    /// <summary>The row is left out, counted, and listed among the first of its kind.</summary>
    Skip,
}
