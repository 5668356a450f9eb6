using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lepton.Rpc.Server;

/// <summary>
/// A path pattern for plain HTTP: literal segments and <c>{name}</c> for one segment of any text. Far less than
/// ASP.NET's routing, which would cost a tenth of a second of every start.
/// </summary>
internal sealed class HttpRoute
{
    private readonly string[] _segments;
    private readonly string _httpMethod;

    public HttpRoute(string httpMethod, string pattern, RequestDelegate handler)
    {
        ArgumentException.ThrowIfNullOrEmpty(httpMethod);
        ArgumentNullException.ThrowIfNull(handler);
        if (pattern is not ['/', ..])
        {
            throw new ArgumentException(
                $"The pattern '{pattern}' does not start with '/'. Write it like '/blocks/{{id}}'.", nameof(pattern));
        }

        _httpMethod = httpMethod;
        _segments = pattern[1..].Split('/');
        Pattern = pattern;
        Handler = handler;
        foreach (string segment in _segments)
        {
            bool isWhole = IsParameter(segment) && segment.Length > 2;
            if (segment.AsSpan().IndexOfAny('{', '}') >= 0 && !isWhole)
            {
                throw new ArgumentException(
                    $"The segment '{segment}' of '{pattern}' mixes text and a parameter. " +
                    "A parameter is a whole segment, like '{id}'.", nameof(pattern));
            }
        }
    }

    public string Pattern { get; }

    public RequestDelegate Handler { get; }

    /// <summary>Whether the path fits; fills the route values where the HTTP method fits too.</summary>
    public bool Matches(HttpRequest request, out bool methodFits)
    {
        // A GET route answers HEAD too; Kestrel leaves the body out.
        methodFits = HttpMethods.Equals(request.Method, _httpMethod) ||
            (HttpMethods.IsHead(request.Method) && HttpMethods.IsGet(_httpMethod));
        string[] parts = (request.Path.Value ?? "/").TrimStart('/').Split('/');
        if (parts.Length != _segments.Length)
        {
            return false;
        }

        RouteValueDictionary values = [];
        for (int i = 0; i < parts.Length; i++)
        {
            if (IsParameter(_segments[i]))
            {
                values[_segments[i][1..^1]] = parts[i];
            }
            else if (!string.Equals(parts[i], _segments[i], StringComparison.Ordinal))
            {
                return false;
            }
        }

        if (methodFits)
        {
            request.RouteValues = values;
        }

        return true;
    }

    private static bool IsParameter(string segment) => segment is ['{', .., '}'];
}
