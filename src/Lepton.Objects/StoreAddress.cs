using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;

namespace Lepton.Objects;

/// <summary>Which store, and by which key. Never written out: it holds a secret.</summary>
public sealed class StoreAddress
{
    private const string DefaultRegion = "us-east-1";
    private const string DefaultProfile = "default";
    private const int RetriesMax = 4;

    // One answer, not one object: long ones are sent and read in parts.
    private static readonly TimeSpan s_answerTimeMax = TimeSpan.FromMinutes(5);

    // Of each attempt: where nobody answers, not even to refuse, people want to hear of it.
    private static readonly TimeSpan s_connectTimeMax = TimeSpan.FromSeconds(10);

    /// <summary>The store's URL, such as <c>http://127.0.0.1:9000</c>; null: Amazon's own.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The region that requests are signed for.</summary>
    public string Region { get; init; } = DefaultRegion;

    /// <summary>The key's id; null: what the machine is given by its surroundings, as on Amazon's.</summary>
    public string? KeyId { get; init; }

    public string? Secret { get; init; }

    /// <summary>What goes with a key that ends after a while; null for others.</summary>
    public string? SessionToken { get; init; }

    /// <summary>PEM file of the authorities that may vouch for the store, in place of the machine's; null for
    /// those.</summary>
    public string? CaFile { get; init; }

    internal string Name => Endpoint ?? "Amazon S3";

    /// <summary>
    /// By the variables and files that AWS's own tools read, so that what works for them works here:
    /// <c>AWS_ENDPOINT_URL_S3</c> or <c>AWS_ENDPOINT_URL</c> names a store other than Amazon's,
    /// <c>AWS_ACCESS_KEY_ID</c> with <c>AWS_SECRET_ACCESS_KEY</c>, or <c>AWS_PROFILE</c> of ~/.aws/credentials, the
    /// key, <c>AWS_REGION</c> the region, <c>AWS_CA_BUNDLE</c> a file of the authorities that vouch for the store.
    /// </summary>
    /// <param name="endpoint">The store's URL; null: what the variables say.</param>
    /// <exception cref="ObjectException">They name no store, or no key for it.</exception>
    public static StoreAddress FromEnvironment(string? endpoint = null)
    {
        string source = endpoint is null ? "AWS_ENDPOINT_URL" : "The endpoint";
        endpoint ??= Variable("AWS_ENDPOINT_URL_S3") ?? Variable("AWS_ENDPOINT_URL");
        if (endpoint is not null && !IsAddress(endpoint))
        {
            throw new ObjectException(
                $"{source} is '{endpoint}', which is no address of a store. Write it like http://127.0.0.1:9000.");
        }

        (string Id, string Secret, string? Token)? key = Key();
        if (key is null && endpoint is not null)
        {
            // Looking for a key in the surroundings takes long, and only Amazon's machines have one there.
            throw new ObjectException(
                $"There is no key for the store at {endpoint}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or " +
                "AWS_PROFILE to one of ~/.aws/credentials, or AWS_SHARED_CREDENTIALS_FILE to a file of that kind, " +
                "such as the one that 'lepton storage' makes in its data directory.")
            {
                Failure = ObjectFailure.Denied,
            };
        }

        return new StoreAddress
        {
            Endpoint = endpoint,
            Region = Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION") ?? DefaultRegion,
            KeyId = key?.Id,
            Secret = key?.Secret,
            SessionToken = key?.Token,
            CaFile = Variable("AWS_CA_BUNDLE"),
        };
    }

    /// <exception cref="ObjectException"><see cref="CaFile"/> can't be used.</exception>
    internal AmazonS3Client NewClient()
    {
        var config = new AmazonS3Config
        {
            MaxErrorRetry = RetriesMax, Timeout = s_answerTimeMax, ConnectTimeout = s_connectTimeMax,
        };
        if (Endpoint is null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(Region);
        }
        else
        {
            config.ServiceURL = Endpoint;
            config.AuthenticationRegion = Region;

            // A store at an address of its own seldom has a name for each bucket.
            config.ForcePathStyle = true;
        }

        if (CaFile is not null)
        {
            config.HttpClientFactory = new TrustedRoots(CaFile);
        }

        return (KeyId, SessionToken) switch
        {
            (null, _) => new AmazonS3Client(config),
            (_, null) => new AmazonS3Client(new BasicAWSCredentials(KeyId, Secret), config),
            _ => new AmazonS3Client(new SessionAWSCredentials(KeyId, Secret, SessionToken), config),
        };
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https";

    private static (string Id, string Secret, string? Token)? Key()
    {
        if (Variable("AWS_ACCESS_KEY_ID") is { } id && Variable("AWS_SECRET_ACCESS_KEY") is { } secret)
        {
            return (id, secret, Variable("AWS_SESSION_TOKEN"));
        }

        string? profile = Variable("AWS_PROFILE");
        if (new CredentialProfileStoreChain().TryGetAWSCredentials(
            profile ?? DefaultProfile, out AWSCredentials? credentials))
        {
            ImmutableCredentials held = credentials.GetCredentials();
            return (held.AccessKey, held.SecretKey, held.UseToken ? held.Token : null);
        }

        return profile is null
            ? null
            : throw new ObjectException(
                $"AWS_PROFILE is '{profile}', but {CredentialsFile} has no such profile with a key.")
            {
                Failure = ObjectFailure.Denied,
            };
    }

    private static string CredentialsFile => Variable("AWS_SHARED_CREDENTIALS_FILE") ?? "~/.aws/credentials";

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
