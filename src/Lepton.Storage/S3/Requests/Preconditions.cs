using System.Globalization;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;
using Lepton.Storage.S3.Answers;

namespace Lepton.Storage.S3.Requests;

/// <summary>The conditions of a request (RFC 9110 §13).</summary>
internal static class Preconditions
{
    /// <summary>Checks those of a read.</summary>
    /// <param name="request">The request.</param>
    /// <param name="record">The object that is read.</param>
    /// <param name="prefix">What the headers begin with: nothing, or <c>x-amz-copy-source-</c>.</param>
    /// <exception cref="S3Exception">One does not hold.</exception>
    public static void Check(S3Request request, ObjectRecord record, string prefix = "")
    {
        bool isCopy = prefix.Length > 0;
        string? match = request.Header(prefix + "if-match");
        string? noneMatch = request.Header(prefix + "if-none-match");
        if (match is not null ? !Matches(match, record.ETag)
            : Date(request.Header(prefix + "if-unmodified-since")) is { } until && record.ModifiedMs > until)
        {
            throw new S3Exception(
                S3Error.PreconditionFailed,
                $"At least one of the pre-conditions did not hold: the object has the entity tag \"{record.ETag}\".");
        }

        if (noneMatch is not null ? Matches(noneMatch, record.ETag)
            : Date(request.Header(prefix + "if-modified-since")) is { } since && record.ModifiedMs <= since)
        {
            throw new S3Exception(
                isCopy ? S3Error.PreconditionFailed : S3Error.NotModified,
                $"The object has the entity tag \"{record.ETag}\", and is not newer.");
        }
    }

    /// <summary>Whether a range counts: If-Range, where it is given, must name what is there, by a strong entity tag or
    /// by its time to the second (RFC 9110 §13.1.5).</summary>
    public static bool TakesRange(S3Request request, ObjectRecord record) => request.Header("if-range") is not { } given
        || given.Trim() == $"\"{record.ETag}\""
        || (!given.Contains('"', StringComparison.Ordinal) && Date(given) == record.ModifiedMs);

    /// <summary>Those of a write.</summary>
    /// <exception cref="S3Exception">It is none that S3 has.</exception>
    public static WriteCondition OfWrite(S3Request request)
    {
        string? noneMatch = request.Header("if-none-match");
        if (noneMatch is not null && noneMatch.Trim() != "*")
        {
            throw S3Exception.NotImplemented($"If-None-Match: {noneMatch} of a write; * alone");
        }

        if (request.Header("if-modified-since") is not null || request.Header("if-unmodified-since") is not null)
        {
            throw S3Exception.NotImplemented("A write on a condition of time");
        }

        return new WriteCondition(noneMatch is not null, request.Header("if-match")?.Trim().Trim('"'));
    }

    private static bool Matches(string header, string etag) => header
        .Split(',', StringSplitOptions.TrimEntries)
        .Any(given => given == "*" || given.Replace("W/", "", StringComparison.Ordinal).Trim('"') == etag);

    /// <summary>A date that can't be read is as none, as RFC 9110 has it.</summary>
    private static long? Date(string? header) =>
        DateTimeOffset.TryParse(
            header, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date)
            ? date.ToUnixTimeMilliseconds()
            : null;
}
