using System.Collections.Concurrent;
using Google.Protobuf;
using Lepton.Compute.Execution;
using Lepton.Compute.Functions;
using Lepton.Compute.Plans;
using Lepton.Compute.Protocol;
using Lepton.Core.Records;

namespace Lepton.Compute.Tests.Execution;

/// <summary>An executor of one slot, spoken to as the driver does.</summary>
public sealed class ExecutorTests : IDisposable
{
    private const int Stage = 3;
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> s_gates = new(StringComparer.Ordinal);
    private readonly TaskBench _bench = new();
    private readonly BlockingCollection<FromExecutor> _answers = [];
    private readonly Executor _executor;

    public ExecutorTests() => _executor = new Executor(
        _bench.Scope, new InProcessModules(), _answers.Add, TimeSpan.FromDays(1), TimeProvider.System);

    public void Dispose()
    {
        _executor.Dispose();
        _bench.Dispose();
        _answers.Dispose();
    }

    [Fact]
    public void Tasks_WithAProgram_AreRunInTheirOrder()
    {
        Announce(partition => partition * 10);
        Send(1, 2, 3);
        Assert.Equal([(1L, 10), (2L, 20), (3L, 30)], Results(3).Select(result => (result.Copy, ValueOf(result))));
    }

    [Fact]
    public void Revoke_SomeHaveStarted_GivesBackTheOthers()
    {
        using SemaphoreSlim gate = Gated("revoke", out Func<int, int> function);
        Announce(function);
        Send(1, 2, 3);
        AwaitStart(gate);
        _executor.Receive(new ToExecutor { Revoke = Ids(1, 3) });
        Assert.Equal([3L], _answers.Take().Revoked.Copies);
        gate.Release(10);
        Assert.Equal([1L, 2L], Results(2).Select(result => result.Copy));
    }

    [Fact]
    public void Cancel_WaitingAndRunning_BothAnswerCancelled()
    {
        using SemaphoreSlim gate = Gated("cancel", out Func<int, int> function);
        Announce(function);
        Send(1, 2);
        AwaitStart(gate);
        _executor.Receive(new ToExecutor { Cancel = Ids(2) });
        TaskResult waiting = Assert.Single(Results(1));
        Assert.Equal((2L, TaskOutcome.Cancelled), (waiting.Copy, waiting.Outcome));
        _executor.Receive(new ToExecutor { Cancel = Ids(1) });
        gate.Release(10);
        TaskResult running = Assert.Single(Results(1));
        Assert.Equal((1L, TaskOutcome.Cancelled), (running.Copy, running.Outcome));
    }

    [Fact]
    public void Tasks_BeforeTheirProgram_FailAndSayWhy()
    {
        Send(1);
        TaskResult result = Assert.Single(Results(1));
        Assert.Equal(TaskOutcome.Failed, result.Outcome);
        Assert.StartsWith(
            $"A task of stage {Stage} came before the stage's program. This is a defect of Lepton",
            result.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tasks_CancelledAndForgottenBeforeTheyBegin_AnswerCancelled()
    {
        var time = new CallingClock();
        using var executor = new Executor(
            _bench.Scope, new InProcessModules(), _answers.Add, TimeSpan.FromDays(1), time);
        var release = new Release();
        release.Stages.Add(Stage);
        time.OnLook = () =>
        {
            executor.Receive(new ToExecutor { Cancel = Ids(1) });
            executor.Receive(new ToExecutor { Release = release });
        };
        Announce<int>(executor, static partition => partition);

        Send(executor, 1);

        TaskResult result = Assert.Single(Results(1));
        Assert.Equal((TaskOutcome.Cancelled, null), (result.Outcome, result.Failure));
    }

    [Fact]
    public void Tasks_ExceptionWithAFieldThatFailsToBeCoded_AnswerAndTheSlotGoesOn()
    {
        Announce<int>(partition =>
            partition == 1 ? throw new ExceptionCodecTests.BadFieldException(BadCodec.OnWrite) : 7);
        Send(1, 2);
        List<TaskResult> results = Results(2);
        Assert.Equal(typeof(ExceptionCodecTests.BadFieldException).FullName, results[0].Failure.Type);
        Assert.Equal(7, ValueOf(results[1]));
    }

    [Fact]
    public void Tasks_LargeResult_LiesInAFile()
    {
        Announce(partition => new string('x', 2_000_000));
        Send(1);
        TaskResult result = Assert.Single(Results(1));
        Assert.True(result.Value.IsEmpty);
        var reader = new RecordReader(File.ReadAllBytes(result.ValuePath));
        Assert.Equal(2_000_000, RecordCodec.For<string>().Read(ref reader)!.Length);
    }

    [Theory]
    [InlineData(true, 0, FailureKind.Memory, "the process ran out of memory (no more)")]
    [InlineData(false, 0, FailureKind.SharedMemory, "the process ran out of memory (no more)")]
    [InlineData(true, 64 << 20, FailureKind.Memory,
        "the memory budget of its worker (64 MiB) was used up (no more)")]
    [InlineData(false, 64 << 20, FailureKind.SharedMemory,
        "the memory budget of its worker (64 MiB) was used up (no more)")]
    internal void Tasks_MemoryRunsOutBetweenTwoBeats_SaysWhetherTheTaskWasAlone(
        bool alone, int budgetBytes, FailureKind kind, string message)
    {
        using var bench = new TaskBench(slots: 2, budgetBytes: budgetBytes);
        using var executor = new Executor(
            bench.Scope, new InProcessModules(), _answers.Add, TimeSpan.FromDays(1), TimeProvider.System);
        using SemaphoreSlim gate = Gated("memory", out Func<int, int> function);
        Announce(executor, (int partition) => partition == 2
            ? function(partition)
            : throw new InsufficientMemoryException("no more"));
        if (!alone)
        {
            Send(executor, 2);
            AwaitStart(gate);
        }

        Send(executor, 1);
        TaskResult result = Assert.Single(Results(1));
        gate.Release(1);

        Assert.Equal((1L, kind), (result.Copy, result.Failure.Kind));
        Assert.StartsWith($"{message}; the process held ", result.Failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("iB at its last collection", result.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(alone ? 0 : 1, Results(alone ? 0 : 1).Count);
    }

    [Fact]
    public void Receive_MessageWithoutContent_Throws() => Assert.Equal(
        "An executor can't take the message 'None'.",
        Assert.Throws<InvalidOperationException>(() => _executor.Receive(new ToExecutor())).Message);

    private static SemaphoreSlim Gated(string name, out Func<int, int> function)
    {
        var gate = new SemaphoreSlim(0);
        s_gates[name] = gate;
        s_gates[name + " started"] = new SemaphoreSlim(0);
        function = partition =>
        {
            s_gates[name + " started"].Release();
            s_gates[name].Wait();
            return partition;
        };
        return gate;
    }

    private static void AwaitStart(SemaphoreSlim gate)
    {
        string name = s_gates.Single(entry => entry.Value == gate).Key;
        Assert.True(s_gates[name + " started"].Wait(TimeSpan.FromSeconds(30)), "the first task did not start");
    }

    private static CopyIds Ids(params long[] copies)
    {
        var ids = new CopyIds();
        ids.Copies.AddRange(copies);
        return ids;
    }

    private static int ValueOf(TaskResult result)
    {
        var reader = new RecordReader(result.Value.Span);
        return RecordCodec.For<int>().Read(ref reader);
    }

    private void Announce<T>(Func<int, T> function) => Announce(_executor, function);

    private static void Announce<T>(Executor executor, Func<int, T> function)
    {
        var node = new GenerateNode<int>(9, partition => new[] { partition });
        var program = new ResultProgram<int, T>(node, (records, context) =>
        {
            T value = function(records.First());
            context.Cancellation.ThrowIfCancellationRequested();
            return value;
        });
        using var writer = new RecordWriter();
        new GraphEncoder().Write(writer, program);
        executor.Receive(new ToExecutor
        {
            Program = new StageProgramMessage { Stage = Stage, Graph = Inline(writer) },
        });
    }

    private static Parcel Inline(RecordWriter writer) => new() { Inline = ByteString.CopyFrom(writer.WrittenSpan) };

    private void Send(params int[] copies) => Send(_executor, copies);

    private static void Send(Executor executor, params int[] copies)
    {
        var batch = new TaskBatch();
        batch.Tasks.AddRange(
            copies.Select(copy => new TaskCopyMessage { Copy = copy, Stage = Stage, Partition = copy }));
        executor.Receive(new ToExecutor { Tasks = batch });
    }

    private List<TaskResult> Results(int count)
    {
        var results = new List<TaskResult>();
        while (results.Count < count)
        {
            Assert.True(_answers.TryTake(out FromExecutor? answer, TimeSpan.FromSeconds(30)), "a result did not come");
            results.AddRange(answer.Results.Results);
        }

        return results;
    }

    /// <summary>Does something when it is asked for the time, as a task's slot does before it looks for the
    /// program.</summary>
    private sealed class CallingClock : TimeProvider
    {
        public Action? OnLook { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            OnLook?.Invoke();
            return base.GetUtcNow();
        }
    }
}
