using System.Text.Json.Serialization;

namespace Lepton.Compute.Events;

/// <summary>
/// One thing that happened in a session, as one line of its event log. The set is closed: what a newer Lepton wrote and
/// this one does not know is read as an <see cref="UnknownEvent"/>.
/// </summary>
/// <param name="Time">When it was noticed, by the driver's clock.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(SessionStarted), nameof(SessionStarted))]
[JsonDerivedType(typeof(SessionFinished), nameof(SessionFinished))]
[JsonDerivedType(typeof(WorkerStarted), nameof(WorkerStarted))]
[JsonDerivedType(typeof(WorkerKilled), nameof(WorkerKilled))]
[JsonDerivedType(typeof(WorkerLost), nameof(WorkerLost))]
[JsonDerivedType(typeof(JobStarted), nameof(JobStarted))]
[JsonDerivedType(typeof(JobFinished), nameof(JobFinished))]
[JsonDerivedType(typeof(StageStarted), nameof(StageStarted))]
[JsonDerivedType(typeof(StageFinished), nameof(StageFinished))]
[JsonDerivedType(typeof(TaskFinished), nameof(TaskFinished))]
[JsonDerivedType(typeof(TaskRetried), nameof(TaskRetried))]
[JsonDerivedType(typeof(OutputLost), nameof(OutputLost))]
[JsonDerivedType(typeof(RowsSkipped), nameof(RowsSkipped))]
[JsonDerivedType(typeof(Exhibit), nameof(Exhibit))]
[JsonDerivedType(typeof(Message), nameof(Message))]
[JsonDerivedType(typeof(EventsLost), nameof(EventsLost))]
public abstract record JobEvent([property: JsonPropertyOrder(-1)] DateTimeOffset Time);
