using System.Globalization;
using System.Security.Cryptography;

namespace Lepton.Compute.Session;

/// <summary>
/// The session's folder for shuffles, spills and cached blocks. A locked file beside it says that its owner lives, so
/// that the next session
/// can remove what a killed driver left behind.
/// </summary>
internal sealed class SessionDirectory : IDisposable
{
    private const string OwnerEnding = ".owner";
    private const int AttemptsMax = 10;
    private readonly FileStream _owner;

    private SessionDirectory(string path, string id, FileStream owner)
    {
        Path = path;
        Id = id;
        _owner = owner;
    }

    public string Path { get; }

    /// <summary>A random name: 12 hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>Creates a fresh one under <paramref name="root"/> and removes those whose owners are dead.</summary>
    public static SessionDirectory Create(string? root)
    {
        string parent = root ?? System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"lepton-{Environment.UserName}");
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(parent);
        }
        else
        {
            Directory.CreateDirectory(
                parent, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Sweep(parent);
        for (int attempt = 1; ; attempt++)
        {
            string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
            string path = System.IO.Path.Combine(parent, $"session-{id}");
            try
            {
                return Make(path, id);
            }
            catch (IOException) when (attempt < AttemptsMax && File.Exists(path + OwnerEnding))
            {
                // Another session's sweep looked at it between its making and its locking, and removes it.
                continue;
            }
        }
    }

    /// <summary>Makes the folder of a worker.</summary>
    public string CreateFor(string worker) => Directory.CreateDirectory(System.IO.Path.Combine(Path, worker)).FullName;

    /// <summary>Removes a folder with all that is in it; one that is gone is fine.</summary>
    public static void Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody else removed it first: the aim is reached.
            return;
        }
        catch (IOException) when (Directory.Exists(path))
        {
            // A dying worker may still have been writing. The next session sweeps what is left.
            return;
        }
    }

    /// <summary>
    /// As <see cref="Remove"/>, where tasks may still be at work: it first gets another name, so that none can make a
    /// new file in it meanwhile.
    /// </summary>
    public static void RemoveInUse(string path)
    {
        string gone = path + ".gone";
        try
        {
            Directory.Move(path, gone);
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }
        catch (IOException)
        {
            // Windows renames no directory in which a file is open.
            gone = path;
        }

        Remove(gone);
    }

    /// <summary>Removes a session's folder when no worker's folder is left in it. The last worker of a dead driver
    /// calls this.</summary>
    public static void RemoveIfLast(string session)
    {
        if (Directory.Exists(session) && !Directory.EnumerateDirectories(session).Any())
        {
            Remove(session);
            File.Delete(session + OwnerEnding);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        RemoveInUse(Path);
        _owner.Dispose();
    }

    private static SessionDirectory Make(string path, string id)
    {
        FileStream owner = new(
            path + OwnerEnding, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        try
        {
            Sign(owner);
            Directory.CreateDirectory(path);
            return new SessionDirectory(path, id, owner);
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    // The system lets go of the lock when the process ends, however it does; a process id could be another's by then.
    private static void Sign(FileStream owner)
    {
        owner.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        owner.Flush();
    }

    private static void Sweep(string parent)
    {
        foreach (string owner in Directory.GetFiles(parent, "session-*" + OwnerEnding))
        {
            try
            {
                using FileStream dead = new(
                    owner, FileMode.Open, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
                string session = owner[..^OwnerEnding.Length];
                Remove(session);
                Remove(session + ".gone");
            }
            catch (IOException)
            {
                // Its owner lives, or another session is sweeping it at this moment.
                continue;
            }
        }
    }
}
