using System.Diagnostics.CodeAnalysis;
using Lepton.Compute.Planning;
using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;
using Lepton.Core.Records;

namespace Lepton.Compute.Session;

/// <summary>Takes the value of a finished task: from the message, or the file beside it where it is large.</summary>
internal static class ResultValue
{
    /// <summary>Where the output of a map task lies: its value is the path.</summary>
    public static OutputLocation LocationOf(ExecutorLink link, Parcel value)
    {
        var reader = new RecordReader(value.Inline.Span);
        return new OutputLocation { Worker = link.Name, Path = reader.ReadString(), BlockAddress = link.BlockAddress };
    }

    /// <summary>
    /// Takes a file over, whose worker may be gone at any moment; it is read where its bytes are wanted, not on the
    /// scheduler's thread. False, with the fault to settle, when it can't be had: the task is then tried again.
    /// </summary>
    public static bool TryTake(
        TaskResult result, string worker, ActionFiles files, [NotNullWhen(true)] out Parcel? value,
        [NotNullWhen(false)] out TaskFault? fault)
    {
        (value, fault) = (null, null);
        try
        {
            value = result.ValuePath.Length == 0
                ? new Parcel { Inline = result.Value }
                : files.Adopt(result.ValuePath);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = new TaskFault(
                TaskFaultKind.InputOutput, $"its result could not be taken over: {e.Message}", default, worker);
            return false;
        }
    }

    /// <summary>Lets go of a value that came too late.</summary>
    public static void Drop(TaskResult result)
    {
        try
        {
            if (result.ValuePath.Length > 0)
            {
                File.Delete(result.ValuePath);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It goes with its worker's folder.
            return;
        }
    }
}
