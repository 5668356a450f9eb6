using Lepton.Compute.Execution;
using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;
using Lepton.Objects;

namespace Lepton.Compute.Session;

/// <summary>Reads what a worker says of a failure, and makes the exception that a job's caller gets.</summary>
internal static class FailureException
{
    /// <summary>The exception, the stack that it had on the worker (empty where none), and the task.</summary>
    public static (Exception Error, string Stack, TaskFailure Where) Of(string job, DispatchEffect effect)
    {
        var where = new TaskFailure(
            $"{effect.Task.Stage.Id} ({effect.Task.Stage.Label})", effect.Task.Partition, effect.Copy!.Attempt,
            effect.Fault!.Worker);
        (Exception error, string stack) = Of(job, effect, where);
        return (error, stack, where);
    }

    public static TaskFault FaultOf(ExecutorLink worker, TaskFailureMessage failure)
    {
        TaskFaultKind kind = failure.Kind switch
        {
            FailureKind.InputOutput => TaskFaultKind.InputOutput,
            FailureKind.Memory => TaskFaultKind.Memory,
            FailureKind.SharedMemory => TaskFaultKind.SharedMemory,
            _ => TaskFaultKind.User,
        };
        return new TaskFault(kind, $"{failure.Type}: {failure.Message}", failure.Exception.Memory, worker.Name)
        {
            HasMemoryBudget = worker.HasMemoryBudget,
        };
    }

    private static (Exception Error, string Stack) Of(string job, DispatchEffect effect, TaskFailure where)
    {
        TaskFault fault = effect.Fault!;
        switch (fault.Kind)
        {
            case TaskFaultKind.Memory:
            case TaskFaultKind.SharedMemory:
                return Failed(
                    JobFailure.Memory,
                    $"{job} failed: {where} went past its memory: {fault.Text}. Use smaller partitions " +
                    $"(splitBytes, Repartition), hold less in one record or group, or {MoreMemory(fault)}");
            case TaskFaultKind.Deadline:
                return Failed(
                    JobFailure.Deadline,
                    $"{job} failed: {where}: {fault.Text}. Raise TaskDeadline or cut the work into more partitions.");
            case TaskFaultKind.WorkerDied:
                return Failed(
                    JobFailure.KillsWorkers,
                    $"{job} failed: {where} took {effect.Task.WorkersKilled.Count} workers down with it, so it is " +
                        $"not tried again:\n  " +
                    string.Join("\n  ", effect.Task.WorkersKilled));
            default:
                (Exception thrown, string stack) = fault.Exception.IsEmpty
                    ? (new RemoteException("", fault.Text), "")
                    : ExceptionCodec.Decode(fault.Exception.Span);
                return FailureTranslation.IsDiskFull(thrown)
                    ? (DiskFull(job, where, thrown), "")
                    : (thrown, stack);
        }
    }

    // The option bounds worker processes; threads have what the program's own process has.
    private static string MoreMemory(TaskFault fault) => fault.HasMemoryBudget
        ? "raise MemoryPerWorkerBytes."
        : "use fewer threads: they share the memory of the program's process, which no option of the session bounds.";

    private static (Exception Error, string Stack) Failed(JobFailure reason, string message) =>
        (new JobFailedException(reason, message), "");

    private static JobFailedException DiskFull(string job, TaskFailure where, Exception thrown) =>
        new(JobFailure.DiskFull,
            thrown is ObjectException
                ? $"{job} failed: {where}: {thrown.Message}"
                : $"{job} failed: {where}: {thrown.Message}. Make room there, or use a larger disk. Shuffles, spills " +
                    "and cached blocks go to WorkDirectory, outputs to a folder beside their target.",
            thrown);
}
