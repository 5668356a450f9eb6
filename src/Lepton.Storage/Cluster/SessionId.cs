using System.Globalization;
using Lepton.Coordination.Client;

namespace Lepton.Storage.Cluster;

/// <summary>
/// A node from one start, or one lost lease, to the next. The revision with which its liveness key was put is the
/// fencing token: it grows from session to session.
/// </summary>
internal readonly record struct SessionId(NodeId Node, Revision Token)
{
    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static SessionId? Parse(string text)
    {
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && long.TryParse(
            text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long token)
            ? new SessionId(new NodeId(text[..dot]), new Revision(token))
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Node}.{Token}";
}
