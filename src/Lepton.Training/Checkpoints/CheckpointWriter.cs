using System.Globalization;
using System.Text.Json;
using Lepton.Torch;
using Lepton.Training.Parallelism;

namespace Lepton.Training.Checkpoints;

/// <summary>
/// Writes checkpoints while training goes on: the step is held up only to copy this rank's share of the tensors. One at
/// a time; a second one waits for the first.
/// </summary>
internal sealed class CheckpointWriter(
    ICheckpointStore store, ICheckpointMeeting meeting, int rank, int ranks, int kept) : IDisposable
{
    /// <summary>How long ranks wait for each other's checkpoints.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(10);

    private const string Done = "done ";
    private const string Failed = "failed ";
    private Thread? _thread;
    private Exception? _failure;

    /// <summary>Starts to write a checkpoint; all ranks do, at the same step.</summary>
    /// <exception cref="CheckpointException">The one before could not be written.</exception>
    public void Save(
        CheckpointManifest manifest, IReadOnlyDictionary<string, Tensor> tensors, IStateLayout? layout = null)
    {
        Flush();
        Dictionary<string, Tensor> share = layout?.ShareOf(tensors) ?? CopyShare(tensors);
        _thread = new Thread(() => _failure = Write(manifest, share)) { IsBackground = true, Name = "checkpoint" };
        _thread.Start();
    }

    /// <summary>Waits for the one that is being written.</summary>
    /// <exception cref="CheckpointException">It could not be.</exception>
    public void Flush()
    {
        _thread?.Join();
        _thread = null;
        if (_failure is { } failure)
        {
            _failure = null;
            throw new CheckpointException(
                $"A checkpoint could not be written to {store.Name}: {failure.Message} The ones before are as they " +
                $"were. {store.Advice}, and start again: training goes on from them.",
                failure);
        }
    }

    public void Dispose() => _thread?.Join();

    private Dictionary<string, Tensor> CopyShare(IReadOnlyDictionary<string, Tensor> tensors)
    {
        string[] names = [.. tensors.Keys];
        long[] bytes = [.. tensors.Values.Select(static tensor => tensor.ElementCount)];
        return ShardPlan.Of(bytes, rank, ranks).ToDictionary(
            place => names[place],
            place => tensors[names[place]].Detach().CopyTo(device: Device.Cpu).Persist());
    }

    private Exception? Write(CheckpointManifest manifest, Dictionary<string, Tensor> share)
    {
        try
        {
            ShardRecord shard = store.WriteShard(
                manifest.Step,
                string.Create(CultureInfo.InvariantCulture, $"shard-{rank}-of-{ranks}.safetensors"), share);
            meeting.Announce(manifest.Step, string.Create(
                CultureInfo.InvariantCulture, $"{Done}{shard.Bytes} {shard.Crc32C} {shard.File}"));
            if (rank == 0)
            {
                ShardRecord[] shards = [.. meeting.Gather(manifest.Step).Select(Parse)];
                store.Finish(manifest with { Shards = shards });
                Trim(manifest.Step);
            }

            return null;
        }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or TorchException or JsonException)
        {
            // Thrown by the next call on the training thread.
            return Told(manifest.Step, e);
        }
        finally
        {
            foreach (Tensor tensor in share.Values)
            {
                tensor.Dispose();
            }
        }
    }

    // The checkpoint is there; that old ones are too is no reason to stop.
    private void Trim(long finished)
    {
        try
        {
            store.Trim(finished, kept);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(
                $"Old checkpoints in {store.Name} could not be deleted: {e.Message} The next one tries again.");
        }
    }

    private Exception Told(long step, Exception e)
    {
        try
        {
            meeting.Announce(step, Failed + e.Message);
        }
        catch (TorchException unreachable)
        {
            return new IOException($"{e.Message} Nor could the other ranks be told: {unreachable.Message}", e);
        }

        return e;
    }

    private static ShardRecord Parse(string text)
    {
        if (!text.StartsWith(Done, StringComparison.Ordinal))
        {
            throw new IOException($"A rank could not write its shard: {text[Failed.Length..]}");
        }

        string[] words = text[Done.Length..].Split(' ', 3);
        return new ShardRecord(
            words[2], long.Parse(words[0], CultureInfo.InvariantCulture),
            uint.Parse(words[1], CultureInfo.InvariantCulture));
    }
}
