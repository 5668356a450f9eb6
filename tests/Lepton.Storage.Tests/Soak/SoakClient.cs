using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Lepton.Core.Randomness;
using Lepton.Simulation.Checking;
using RegisterOperation = Lepton.Simulation.Checking.Operation<
    Lepton.Simulation.Checking.RegisterInput, Lepton.Simulation.Checking.RegisterOutput>;

namespace Lepton.Storage.Tests.Soak;

/// <summary>
/// One client that puts, gets, deletes and lists a few shared keys, through any node, and writes a journal of keys of
/// its own, each once. It notes what it asked, what it was told, and when.
/// </summary>
internal sealed class SoakClient(
    int number, Func<int, AmazonS3Client> clientOf, ulong seed, SoakContent content, SoakTally tally)
{
    public const string Bucket = "kept";
    public const int KeyCount = 16;
    private const int PauseMsMax = 60;
    private readonly SeededRandom _random = new(seed);
    private readonly Dictionary<string, string?> _seen = [];
    private long _written;

    /// <summary>The journal's keys whose put was acknowledged, and their values.</summary>
    public List<(string Key, string Value)> Journal { get; } = [];

    private enum Outcome
    {
        Done,
        Refused,
        Unknown,
    }

    /// <summary>Works until the time is over; the operations of shared keys go to the histories, by key.</summary>
    public async Task RunAsync(
        int round, long until, ConcurrentDictionary<string, ConcurrentQueue<RegisterOperation>> histories)
    {
        _seen.Clear();
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(PauseMsMax));
        while (Stopwatch.GetTimestamp() < until)
        {
            AmazonS3Client s3 = clientOf(_random.NextInt32(int.MaxValue));
            switch (_random.NextInt32(8))
            {
                case 0:
                    await WriteJournalAsync(s3);
                    break;
                case 1:
                    await ListAsync(s3, round, histories);
                    break;
                default:
                    await OperateAsync(s3, KeyOf(round, _random.NextInt32(KeyCount)), histories);
                    break;
            }

            pace.Period = TimeSpan.FromMilliseconds(1 + _random.NextInt32(PauseMsMax));
            await pace.WaitForNextTickAsync();
        }
    }

    /// <summary>Reads all keys of a round through one node, where all must be read.</summary>
    public async Task ReadAllAsync(
        AmazonS3Client s3, int round, ConcurrentDictionary<string, ConcurrentQueue<RegisterOperation>> histories)
    {
        for (int i = 0; i < KeyCount; i++)
        {
            string key = KeyOf(round, i);
            if (await AskAsync(s3, key, new RegisterInput.Get(), histories) != Outcome.Done)
            {
                tally.Fault($"{key} can't be read at the end of its round.");
            }
        }

        await ListAsync(s3, round, histories);
    }

    /// <summary>Looks a key of the journal up; null where there is none.</summary>
    public async Task<string?> LookUpAsync(AmazonS3Client s3, string key) =>
        await TryAsync("journal get", () => GetAsync(s3, key)) is (Outcome.Done, { } found) ? found.Value : null;

    private static string KeyOf(int round, int key) => string.Create(CultureInfo.InvariantCulture, $"r{round}/{key}");

    private string NextValue() => string.Create(CultureInfo.InvariantCulture, $"{number}.{_written++}");

    private async Task WriteJournalAsync(AmazonS3Client s3)
    {
        string value = NextValue();
        string key = $"j/{value}";
        if (await TryAsync("journal put", () => PutAsync(s3, key, value)) is (Outcome.Done, _))
        {
            Journal.Add((key, value));
        }
    }

    /// <summary>A list is a read of each key: of those that it leaves out, too.</summary>
    private async Task ListAsync(
        AmazonS3Client s3, int round, ConcurrentDictionary<string, ConcurrentQueue<RegisterOperation>> histories)
    {
        long invokedAt = Stopwatch.GetTimestamp();
        (Outcome outcome, ListObjectsV2Response? listed) = await TryAsync("list", () => s3.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = Bucket, Prefix = $"r{round}/" }));
        if (outcome != Outcome.Done)
        {
            return;
        }

        long returnedAt = Stopwatch.GetTimestamp();
        Dictionary<string, string> there = (listed!.S3Objects ?? [])
            .ToDictionary(static one => one.Key, one => content.ValueOf(one.ETag));
        for (int i = 0; i < KeyCount; i++)
        {
            string key = KeyOf(round, i);
            RegisterOutput output = new(there.GetValueOrDefault(key), false);
            histories.GetOrAdd(key, _ => new()).Enqueue(
                new(number, new RegisterInput.Get(), output, invokedAt, returnedAt));
        }
    }

    private Task<Outcome> OperateAsync(
        AmazonS3Client s3, string key, ConcurrentDictionary<string, ConcurrentQueue<RegisterOperation>> histories) =>
        AskAsync(s3, key, _random.NextInt32(8) switch
        {
            0 or 1 or 2 => new RegisterInput.Get(),
            3 or 4 or 5 => new RegisterInput.Put(NextValue()),
            6 => new RegisterInput.CompareAndSet(_seen.GetValueOrDefault(key), NextValue()),

            // S3 does not tell whether a deletion found anything, so it is a write of none.
            _ => new RegisterInput.Clear(),
        }, histories);

    private async Task<Outcome> AskAsync(
        AmazonS3Client s3, string key, RegisterInput input,
        ConcurrentDictionary<string, ConcurrentQueue<RegisterOperation>> histories)
    {
        long invokedAt = Stopwatch.GetTimestamp();
        (Outcome outcome, RegisterOutput? output) = input switch
        {
            RegisterInput.Get => await TryAsync("get", () => GetAsync(s3, key)),
            RegisterInput.Clear => await TryAsync("delete", () => DeleteAsync(s3, key)),
            RegisterInput.Put put => await TryAsync("put", () => PutAsync(s3, key, put.Value)),
            RegisterInput.CompareAndSet cas => await TryAsync(
                "put on a condition", () => CompareAndSetAsync(s3, key, cas)),
            _ => throw new UnreachableException(),
        };
        if (outcome == Outcome.Done || (outcome == Outcome.Unknown && input is not RegisterInput.Get))
        {
            histories.GetOrAdd(key, _ => new()).Enqueue(
                new(number, input, output, invokedAt, Stopwatch.GetTimestamp()));
        }

        if (outcome == Outcome.Done && input is RegisterInput.Get)
        {
            _seen[key] = output!.Value;
        }

        return outcome;
    }

    private static async Task<RegisterOutput> GetAsync(AmazonS3Client s3, string key)
    {
        try
        {
            using GetObjectResponse read = await s3.GetObjectAsync(Bucket, key);
            return new RegisterOutput(await ValueOfAsync(read), false);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return new RegisterOutput(null, false);
        }
    }

    private static async Task<string> ValueOfAsync(GetObjectResponse read)
    {
        using MemoryStream bytes = new();
        await read.ResponseStream.CopyToAsync(bytes);
        return SoakContent.ValueOf(bytes.ToArray());
    }

    private Task<RegisterOutput> PutAsync(AmazonS3Client s3, string key, string value) =>
        PutAsync(s3, new PutObjectRequest { BucketName = Bucket, Key = key }, value);

    private async Task<RegisterOutput> PutAsync(AmazonS3Client s3, PutObjectRequest request, string value)
    {
        using MemoryStream body = new(content.Of(value));
        request.InputStream = body;
        await s3.PutObjectAsync(request);
        return new RegisterOutput(null, true);
    }

    private async Task<RegisterOutput> CompareAndSetAsync(
        AmazonS3Client s3, string key, RegisterInput.CompareAndSet cas)
    {
        PutObjectRequest request = new() { BucketName = Bucket, Key = key };
        if (cas.Expected is null)
        {
            request.IfNoneMatch = "*";
        }
        else
        {
            request.IfMatch = $"\"{SoakContent.ETagOf(cas.Expected)}\"";
        }

        try
        {
            return await PutAsync(s3, request, cas.Value);
        }
        catch (AmazonS3Exception e) when (
            e.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.NotFound)
        {
            return new RegisterOutput(null, false);
        }
    }

    private static async Task<RegisterOutput> DeleteAsync(AmazonS3Client s3, string key)
    {
        await s3.DeleteObjectAsync(Bucket, key);
        return new RegisterOutput(null, false);
    }

    private async Task<(Outcome Outcome, T? Answer)> TryAsync<T>(string kind, Func<Task<T>> ask)
    {
        try
        {
            T answer = await ask();
            tally.Add(kind + ": answered");
            return (Outcome.Done, answer);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.Conflict)
        {
            // It was not done, and may be tried again.
            tally.Add(kind + ": refused");
            return (Outcome.Refused, default);
        }
        catch (InvalidDataException e)
        {
            tally.Fault($"{kind}: {e.Message}");
            return (Outcome.Refused, default);
        }
        catch (Exception e) when (
            e is HttpRequestException or IOException or OperationCanceledException or TimeoutException
                or AmazonClientException
            || (e is AmazonServiceException service && (int)service.StatusCode is 0 or >= 500))
        {
            tally.Add(kind + ": no answer, or that nobody knows");
            return (Outcome.Unknown, default);
        }
    }
}
