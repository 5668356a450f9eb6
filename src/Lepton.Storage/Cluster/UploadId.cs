using System.Globalization;

namespace Lepton.Storage.Cluster;

/// <summary>Blocks that one request stores and will commit together.</summary>
/// <param name="Session">The session of the node that took the request.</param>
/// <param name="Number">Which of that session's.</param>
internal readonly record struct UploadId(SessionId Session, long Number)
{
    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static UploadId? Parse(string text)
    {
        int dot = text.LastIndexOf('.');
        return dot > 0 && SessionId.Parse(text[..dot]) is { } session && long.TryParse(
            text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? new UploadId(session, number)
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Session}.{Number}");
}
