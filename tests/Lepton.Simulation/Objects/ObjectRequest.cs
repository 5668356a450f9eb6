using System.Diagnostics.CodeAnalysis;
using Lepton.Coordination.Client;
using Lepton.Core.Randomness;
using Lepton.Simulation.Checking;
using Lepton.Storage.Blocks;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;

namespace Lepton.Simulation.Objects;

/// <summary>One request of a client's.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A process that ends is memory alone.")]
internal sealed class ObjectRequest(
    ObjectCluster cluster, int client, string name, ObjectNode node, SeededRandom random)
{
    private static readonly RegisterOutput s_done = new(null, Done: false);
    private readonly CancellationTokenSource _gone = new();
    private readonly List<(string Key, RegisterInput Input, RegisterOutput? Output)> _told = [];
    private readonly string _key = cluster.Keys[random.NextInt32(cluster.Keys.Count)];

    /// <summary>The processes that take part.</summary>
    private readonly List<NodeLife> _lives = [node.Life!];

    /// <summary>What may take effect although nobody is told; null as long as nothing can.</summary>
    private RegisterInput? _open;
    private bool _isRead;

    /// <summary>When it began.</summary>
    public long InvokedAt { get; } = cluster.History.Now();

    private NodeProcess Process { get; } = node.Process!;

    /// <summary>The client goes.</summary>
    public void Cancel() => _gone.Cancel();

    /// <summary>What came of it, as far as the client knows.</summary>
    public IEnumerable<(string Key, RegisterInput Input, RegisterOutput? Output)> Told() =>
        _open is { } open ? [.. _told, (_key, open, null)] : _told;

    public async Task RunAsync()
    {
        string what = "";
        try
        {
            what = await DoAsync();
        }
        catch (StoreException e)
        {
            what = Refused(e);
        }
        catch (BlockException e)
        {
            // Before anything was committed, or while something was read.
            what = e.Message;
            _open = null;
            cluster.Faults.Hit(_isRead ? ObjectFault.ReadUnavailable : ObjectFault.WriteUnavailable);
        }
        catch (OutcomeUnknownException e)
        {
            what = e.Message;
        }
        catch (CoordinationException e)
        {
            what = e.Message;
            _open = null;
        }
        catch (OperationCanceledException)
        {
            what = "the client has gone";
        }
        catch (Exception e) when (_lives.Exists(static life => life.IsOver))
        {
            what = e.Message;
        }

        cluster.Note($"client {client}, {name} of {_key} through {node.Name}: {what}");
    }

    private Task<string> DoAsync() => random.NextInt32(100) switch
    {
        < 34 => PutAsync(WriteCondition.None, null),
        < 40 => PutAsync(new WriteCondition(MustBeAbsent: true, null), null),
        < 45 => PutIfMatchAsync(),
        < 55 => PutPartsAsync(),
        < 62 => CopyAsync(),
        < 70 => DeleteAsync(),
        < 78 => ListAsync(),
        < 84 => HeadAsync(),
        _ => GetAsync(),
    };

    private string Refused(StoreException e)
    {
        switch (e.Failure)
        {
            case StoreFailure.NoSuchKey when _open is null:
                _told.Add((_key, new RegisterInput.Get(), s_done));
                break;
            case StoreFailure.NoSuchKey or StoreFailure.PreconditionFailed
                when _open is RegisterInput.CompareAndSet condition:
                cluster.Faults.Hit(ObjectFault.ConditionFailed);
                _told.Add((_key, condition, s_done));
                break;
            case StoreFailure.SessionOver:
                cluster.Faults.Hit(ObjectFault.SessionOver);
                break;
            default:
                break;
        }

        _open = null;
        return e.Message;
    }

    private async Task<string> PutAsync(WriteCondition condition, string? expected)
    {
        byte[] content = cluster.Content.Make(name, random);
        bool isConditional = condition != WriteCondition.None;
        RegisterInput input = isConditional
            ? new RegisterInput.CompareAndSet(expected, name)
            : new RegisterInput.Put(name);
        using MemoryStream source = new(content);
        int hint = random.NextInt32(2) == 0 ? 0 : content.Length;
        using BlockUpload upload = await Process.Objects.Contents.StoreAsync(source, hint, [], _gone.Token);
        _open = input;
        await Process.Objects.PutAsync(
            ObjectContent.Bucket, _key, upload, AttributesRecord.Empty, condition, _gone.Token);
        Answer(input, new RegisterOutput(null, isConditional));
        return $"put {content.Length} bytes";
    }

    private async Task<string> PutIfMatchAsync()
    {
        (ObjectRecord there, _) = await Process.Objects.FindAsync(ObjectContent.Bucket, _key, _gone.Token);
        return await PutAsync(new WriteCondition(false, there.ETag), cluster.Content.NameOf(there.ETag));
    }

    private async Task<string> PutPartsAsync()
    {
        List<byte[]> parts = cluster.Content.MakeParts(name, 1 + random.NextInt32(3), random);
        string id = await Process.Uploads.BeginAsync(
            ObjectContent.Bucket, _key, AttributesRecord.Empty, null, isWhole: false, null, _gone.Token);
        List<NamedPart> named = [];
        foreach (byte[] part in parts)
        {
            // Any node takes any part.
            ObjectNode other = cluster.AnyServing(random) ?? throw new OperationCanceledException();
            NodeProcess through = other.Process!;
            _lives.Add(other.Life!);
            using MemoryStream source = new(part);
            using BlockUpload upload = await through.Objects.Contents.StoreAsync(
                source, part.Length, [], _gone.Token);
            PartRecord record = await through.Uploads.PutPartAsync(
                ObjectContent.Bucket, _key, id, named.Count + 1, upload, _gone.Token);
            named.Add(new NamedPart(named.Count + 1, record.ETag));
        }

        if (random.NextInt32(6) == 0)
        {
            await Process.Uploads.AbortAsync(ObjectContent.Bucket, _key, id, _gone.Token);
            cluster.Faults.Hit(ObjectFault.UploadAborted);
            return "aborted an upload";
        }

        RegisterInput input = new RegisterInput.Put(name);
        _open = input;
        await Process.Uploads.CompleteAsync(
            ObjectContent.Bucket, _key, id, named, static _ => { }, WriteCondition.None, _gone.Token);
        Answer(input, s_done);
        return $"put {parts.Count} parts";
    }

    private async Task<string> CopyAsync()
    {
        string source = cluster.Keys[random.NextInt32(cluster.Keys.Count)];
        try
        {
            await Process.Objects.CopyAsync(
                (ObjectContent.Bucket, source), ObjectContent.Bucket, _key, null,
                original => _open = new RegisterInput.Put(cluster.Content.NameOf(original.ETag)),
                WriteCondition.None, _gone.Token);
        }
        catch (StoreException e) when (e.Failure == StoreFailure.NoSuchKey)
        {
            _open = null;
            _told.Add((source, new RegisterInput.Get(), s_done));
            return e.Message;
        }

        Answer(_open!, s_done);
        return $"copied {source}";
    }

    private async Task<string> DeleteAsync()
    {
        RegisterInput input = new RegisterInput.Clear();
        _open = input;
        await Process.Objects.DeleteAsync(ObjectContent.Bucket, _key, WriteCondition.None, _gone.Token);
        Answer(input, s_done);
        return "deleted";
    }

    private async Task<string> HeadAsync()
    {
        (ObjectRecord record, _) = await Process.Objects.FindAsync(ObjectContent.Bucket, _key, _gone.Token);
        string found = cluster.Content.NameOf(record.ETag);
        Answer(new RegisterInput.Get(), new RegisterOutput(found, Done: false));
        return $"is {found}";
    }

    private async Task<string> GetAsync()
    {
        _isRead = true;
        string found = await ReadAsync(cluster, Process, _key, _gone.Token);
        Answer(new RegisterInput.Get(), new RegisterOutput(found, Done: false));
        return $"read {found}";
    }

    private async Task<string> ListAsync()
    {
        int most = 1 + random.NextInt32(cluster.Keys.Count);
        Dictionary<string, string> found = [];
        string after = "";
        ListPage page;
        do
        {
            page = await Process.ListAsync(new ListQuery("", "", after, most), _gone.Token);
            foreach ((string key, MetadataEntry entry) in page.Entries)
            {
                found[key] = cluster.Content.NameOf(
                    RecordJson.Read(entry, RecordJson.Default.ObjectRecord).ETag);
            }

            after = page.Last ?? "";
        }
        while (page.IsTruncated);

        foreach (string key in cluster.Keys)
        {
            _told.Add((key, new RegisterInput.Get(), new RegisterOutput(found.GetValueOrDefault(key), Done: false)));
        }

        return $"listed {found.Count}";
    }

    /// <summary>Reads an object, and sees that it is what was put.</summary>
    /// <returns>Which of those it is.</returns>
    public static async Task<string> ReadAsync(
        ObjectCluster cluster, NodeProcess process, string key, CancellationToken cancellationToken)
    {
        using ObjectReader reader = await process.Objects.OpenAsync(ObjectContent.Bucket, key, cancellationToken);
        using MemoryStream read = new();
        await reader.CopyAsync(
            0, reader.Size,
            bytes =>
            {
                read.Write(bytes.Span);
                return ValueTask.CompletedTask;
            },
            cancellationToken);
        cluster.Content.Demand(reader.Record.ETag, read.ToArray());
        return cluster.Content.NameOf(reader.Record.ETag);
    }

    private void Answer(RegisterInput input, RegisterOutput output)
    {
        _open = null;
        _told.Add((_key, input, output));
    }
}
