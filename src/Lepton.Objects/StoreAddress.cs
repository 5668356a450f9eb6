using System.Diagnostics.CodeAnalysis;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;

namespace Lepton.Objects;

/// <summary>
/// Which store, and by which key: read from the variables and files that AWS's own tools read, so that what works for
/// them works here. <c>AWS_ENDPOINT_URL_S3</c> or <c>AWS_ENDPOINT_URL</c> names a store other than Amazon's,
/// <c>AWS_ACCESS_KEY_ID</c> with <c>AWS_SECRET_ACCESS_KEY</c>, or <c>AWS_PROFILE</c> of ~/.aws/credentials, the key,
/// <c>AWS_REGION</c> the region.
/// </summary>
internal static class StoreAddress
{
    private const string DefaultRegion = "us-east-1";
    private const string DefaultProfile = "default";
    private const int RetriesMax = 4;

    // One answer, not one object: long ones are sent and read in parts.
    private static readonly TimeSpan s_answerTimeMax = TimeSpan.FromMinutes(5);

    /// <summary>The store's address where it is not Amazon's.</summary>
    /// <exception cref="ObjectException">The variable holds no URL.</exception>
    public static string? Endpoint
    {
        get
        {
            string? text = Variable("AWS_ENDPOINT_URL_S3") ?? Variable("AWS_ENDPOINT_URL");
            return text is null || (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https")
                ? text
                : throw new ObjectException(
                    $"AWS_ENDPOINT_URL is '{text}', which is no address of a store. Write it like " +
                    "http://127.0.0.1:9000.");
        }
    }

    /// <summary>A client of the SDK.</summary>
    /// <exception cref="ObjectException">No key is given, or the address is none.</exception>
    public static AmazonS3Client NewClient()
    {
        string region = Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION") ?? DefaultRegion;
        var config = new AmazonS3Config { MaxErrorRetry = RetriesMax, Timeout = s_answerTimeMax };
        if (Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint;
            config.AuthenticationRegion = region;

            // A store at an address of its own seldom has a name for each bucket.
            config.ForcePathStyle = true;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        if (TryCredentials(out AWSCredentials? credentials))
        {
            return new AmazonS3Client(credentials, config);
        }

        // A machine of Amazon's has a key from its surroundings. Elsewhere looking for one takes long and finds none.
        return Endpoint is null
            ? new AmazonS3Client(config)
            : throw new ObjectException(
                $"There is no key for the store at {Endpoint}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or " +
                "AWS_PROFILE to one of ~/.aws/credentials.");
    }

    private static bool TryCredentials([NotNullWhen(true)] out AWSCredentials? credentials)
    {
        if (Variable("AWS_ACCESS_KEY_ID") is { } id && Variable("AWS_SECRET_ACCESS_KEY") is { } secret)
        {
            credentials = Variable("AWS_SESSION_TOKEN") is { } token
                ? new SessionAWSCredentials(id, secret, token)
                : new BasicAWSCredentials(id, secret);
            return true;
        }

        string? profile = Variable("AWS_PROFILE");
        if (new CredentialProfileStoreChain().TryGetAWSCredentials(profile ?? DefaultProfile, out credentials))
        {
            return true;
        }

        return profile is null
            ? false
            : throw new ObjectException(
                $"AWS_PROFILE is '{profile}', but ~/.aws/credentials has no such profile with a key.");
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
