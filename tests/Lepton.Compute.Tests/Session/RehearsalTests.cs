using Lepton.Compute.Datasets;
using Lepton.Compute.Events;
using Lepton.Compute.Execution;
using Lepton.Compute.Planning;
using Lepton.Compute.Protocol;
using Lepton.Compute.Session;
using Lepton.Compute.Tests.Faults;
using Lepton.Core.Records;
using TaskOutcome = Lepton.Compute.Protocol.TaskOutcome;

namespace Lepton.Compute.Tests.Session;

/// <summary>What every worker runs before its first task.</summary>
public sealed class RehearsalTests : IDisposable
{
    private const long MapCopy = -1;
    private const long ReduceCopy = -2;
    private readonly string _directory = Directory.CreateTempSubdirectory("lepton-rehearsal-").FullName;
    private readonly RecordingLink _worker = new();
    private readonly List<string> _notes = [];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Hear_BothTasksSucceed_RunsTheSecondOnTheFirstsOutputAndForgetsBoth()
    {
        Rehearsal rehearsal = await PlanAsync();

        rehearsal.Begin(_worker);
        Assert.Equal("program -1, task -1 of -1", _worker.Said());

        using var path = new RecordWriter();
        path.WriteString("/the/output");
        var map = new TaskResult
        {
            Copy = MapCopy,
            Outcome = TaskOutcome.Succeeded,
            Value = Google.Protobuf.ByteString.CopyFrom(path.WrittenSpan),
        };
        rehearsal.Hear(_worker, Of(map), _notes.Add);
        Assert.Equal("program -2, inputs of -2 at /the/output, task -2 of -2", _worker.Said());

        rehearsal.Hear(_worker, Of(new TaskResult { Copy = ReduceCopy }), _notes.Add);
        Assert.Equal("release -1 -2", _worker.Said());
        Assert.Empty(_notes);
    }

    [Fact]
    public async Task Hear_ATaskFails_SaysSoAndEnds()
    {
        Rehearsal rehearsal = await PlanAsync();
        var failed = new TaskResult
        {
            Copy = MapCopy,
            Outcome = TaskOutcome.Failed,
            Failure = new TaskFailureMessage { Message = "the disk is full" },
        };

        rehearsal.Hear(_worker, Of(failed), _notes.Add);

        Assert.Equal("release -1 -2", _worker.Said());
        Assert.Equal(
            "w1 could not rehearse, so its first task will take longer: the disk is full", Assert.Single(_notes));
    }

    [Fact]
    public async Task Hear_WhatAJobsTaskSays_IsPassedBy()
    {
        Rehearsal rehearsal = await PlanAsync();

        rehearsal.Hear(_worker, Of(new TaskResult { Copy = 1 }), _notes.Add);
        rehearsal.Hear(_worker, new FromExecutor { Beat = new Beat() }, _notes.Add);

        Assert.Equal("", _worker.Said());
    }

    [Fact]
    public async Task LocalAsync_Workers_RehearseWithoutATrace()
    {
        await using Bench bench = await Bench.StartAsync(workers: 2);
        Assert.Equal(10, await bench.Session.Range(0, 10, 2).CountAsync());

        IReadOnlyList<JobEvent> events = await bench.EndAsync();
        Assert.Empty(events.OfType<Message>());
        Assert.Equal(0, Assert.Single(events.OfType<StageStarted>()).Stage);
        Assert.Equal(2, bench.Session.Statistics.Tasks);
    }

    [Fact]
    public void ReadLast_WorkerThatEndedWhileItRehearsed_RanNoTask()
    {
        Vitals.Create(_directory);
        using (Vitals vitals = Vitals.Open(_directory))
        {
            vitals.SetRunning(0, MapCopy);
            vitals.SetRunning(1, 7);
        }

        Assert.Equal([7L], Vitals.ReadLast(_directory).Running);
    }

    private async Task<Rehearsal> PlanAsync()
    {
        await using LeptonSession session = await LeptonSession.LocalAsync(
            threads: 1, options: new LeptonSessionOptions { EventLogPath = "", WorkDirectory = _directory });
        return Rehearsal.Plan(session, new ActionFiles(_directory, 1), _directory);
    }

    private static FromExecutor Of(TaskResult result) => new() { Results = new TaskResults { Results = { result } } };

    private sealed class RecordingLink() : ExecutorLink(1, "w1", 1)
    {
        private readonly List<string> _said = [];

        public override int ProcessId => 0;

        public string Said()
        {
            string said = string.Join(", ", _said);
            _said.Clear();
            return said;
        }

        public override void Send(ToExecutor message) => _said.Add(message.KindCase switch
        {
            ToExecutor.KindOneofCase.Program => $"program {message.Program.Stage}",
            ToExecutor.KindOneofCase.Inputs =>
                $"inputs of {message.Inputs.Stage} at {message.Inputs.Shuffles[0].Outputs[0].Path}",
            ToExecutor.KindOneofCase.Tasks => $"task {message.Tasks.Tasks[0].Copy} of {message.Tasks.Tasks[0].Stage}",
            ToExecutor.KindOneofCase.Release => $"release {string.Join(' ', message.Release.Stages)}",
            _ => message.KindCase.ToString(),
        });

        public override bool Kill(string reason) => false;
    }
}
