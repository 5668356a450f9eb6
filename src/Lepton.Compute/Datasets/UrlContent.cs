using System.Text;

namespace Lepton.Compute.Datasets;

/// <summary>What was loaded from a URL.</summary>
/// <param name="Url">The address.</param>
/// <param name="Body">The response's body.</param>
public sealed record UrlContent(string Url, byte[] Body)
{
    /// <summary>The body as UTF-8 text.</summary>
    public string Text() => Encoding.UTF8.GetString(Body);
}
