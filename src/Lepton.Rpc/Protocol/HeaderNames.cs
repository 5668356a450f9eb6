namespace Lepton.Rpc.Protocol;

/// <summary>The names and fixed values of gRPC's headers (gRPC over HTTP/2, "Requests" and "Responses").</summary>
internal static class HeaderNames
{
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string StatusDetails = "grpc-status-details-bin";
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string Identity = "identity";
    public const string Gzip = "gzip";
    public const string EncodingsUnderstood = "identity,gzip";
    public const string Authorization = "authorization";
    public const string BearerPrefix = "Bearer ";

    /// <summary>Whether a content type is one that this code speaks: Protobuf messages in gRPC frames.</summary>
    public static bool IsGrpcContentType(string? contentType)
    {
        if (contentType is null || !contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        ReadOnlySpan<char> rest = contentType.AsSpan(ContentType.Length);
        if (rest.StartsWith("+proto", StringComparison.OrdinalIgnoreCase))
        {
            rest = rest["+proto".Length..];
        }

        return rest.IsEmpty || rest[0] is ';' or ' ';
    }
}
