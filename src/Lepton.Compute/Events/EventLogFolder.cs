using Lepton.Compute.Session;

namespace Lepton.Compute.Events;

/// <summary>
/// Where event logs go that were given no place: <c>lepton-logs-USER</c> in the system's temporary directory.
/// </summary>
public static class EventLogFolder
{
    /// <summary>Makes the folder. Only its user may enter it: errors, and what is kept for replay, hold data.</summary>
    /// <returns>Its full path.</returns>
    /// <exception cref="EventLogException">
    /// It can't be made, belongs to another user, or others may write to it, who could have planted what
    /// <c>lepton replay</c> would load.
    /// </exception>
    public static string Create()
    {
        string folder = Path.GetFullPath(Path.Combine(Path.GetTempPath(), $"lepton-logs-{Environment.UserName}"));
        try
        {
            PrivateFolder.CreateOwn(folder);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EventLogException(
                $"The event log can't go to '{folder}', where it goes unless LeptonSessionOptions.EventLogPath is " +
                    $"set: {e.Message.TrimEnd('.')}, or give another place.",
                e);
        }
    }
}
