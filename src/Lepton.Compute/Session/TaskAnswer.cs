using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;

namespace Lepton.Compute.Session;

/// <summary>Reads what an executor answered for a task.</summary>
internal static class TaskAnswer
{
    /// <summary>The result of a task that succeeded. False when it went with the folder of its worker.</summary>
    public static bool TryValueOf(TaskResult result, out ReadOnlyMemory<byte> value)
    {
        value = result.Value.Memory;
        if (result.ValuePath.Length == 0)
        {
            return true;
        }

        try
        {
            value = File.ReadAllBytes(result.ValuePath);
            File.Delete(result.ValuePath);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Why a task failed, as the dispatcher sees it.</summary>
    public static TaskFault FaultOf(string worker, TaskFailureMessage failure)
    {
        TaskFaultKind kind = failure.Kind switch
        {
            FailureKind.InputOutput => TaskFaultKind.InputOutput,
            FailureKind.Memory => TaskFaultKind.Memory,
            _ => TaskFaultKind.User,
        };
        return new TaskFault(kind, $"{failure.Type}: {failure.Message}", failure.Exception.Memory, worker);
    }
}
