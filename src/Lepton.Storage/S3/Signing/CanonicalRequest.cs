using System.Text;
using Lepton.Storage.S3.Requests;

namespace Lepton.Storage.S3.Signing;

/// <summary>The text of a request that is signed ("Create a signed AWS API request", canonical request).</summary>
internal static class CanonicalRequest
{
    /// <summary>Makes the text.</summary>
    public static string Of(S3Request request, IReadOnlyList<string> signedHeaders, string payloadHash)
    {
        StringBuilder text = new();
        text.Append(request.Method).Append('\n');
        text.Append(AwsUri.Encode(request.Path, keepSlashes: true)).Append('\n');
        IEnumerable<(string Name, string Value)> query = request.Query
            .Where(static pair => pair.Name != "X-Amz-Signature")
            .Select(static pair => (
                AwsUri.Encode(pair.Name, keepSlashes: false), AwsUri.Encode(pair.Value, keepSlashes: false)))
            .OrderBy(static pair => pair.Item1, StringComparer.Ordinal)
            .ThenBy(static pair => pair.Item2, StringComparer.Ordinal);
        text.AppendJoin('&', query.Select(static pair => $"{pair.Name}={pair.Value}")).Append('\n');
        foreach (string name in signedHeaders)
        {
            text.Append(name).Append(':');
            text.AppendJoin(',', request.Headers[name].Select(static value => Trimmed(value ?? ""))).Append('\n');
        }

        return text.Append('\n').AppendJoin(';', signedHeaders).Append('\n').Append(payloadHash).ToString();
    }

    /// <summary>Without spaces at the ends, and with one where there are several.</summary>
    private static string Trimmed(string value)
    {
        string trimmed = value.Trim(' ', '\t');
        return trimmed.Contains("  ", StringComparison.Ordinal)
            ? string.Join(' ', trimmed.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            : trimmed;
    }
}
