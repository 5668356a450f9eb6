using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Lepton.Compute.Session;

/// <summary>
/// The session's folder for shuffles, spills and cached blocks. It says which process owns it, so that the next session can remove what a
/// killed driver left behind.
/// </summary>
internal sealed class SessionDirectory : IDisposable
{
    private const string OwnerFile = "owner";

    private SessionDirectory(string path, string id)
    {
        Path = path;
        Id = id;
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
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        string path = System.IO.Path.Combine(parent, $"session-{id}");
        Directory.CreateDirectory(path);
        try
        {
            File.WriteAllText(
                System.IO.Path.Combine(path, OwnerFile),
                $"{Environment.ProcessId} {StartOf(Process.GetCurrentProcess())}");
        }
        catch (IOException)
        {
            Remove(path);
            throw;
        }

        return new SessionDirectory(path, id);
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

    /// <summary>Removes a session's folder when no worker's folder is left in it. The last worker of a dead driver calls this.</summary>
    public static void RemoveIfLast(string session)
    {
        if (Directory.Exists(session) && !Directory.EnumerateDirectories(session).Any())
        {
            Remove(session);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Remove(Path);

    private static void Sweep(string parent)
    {
        foreach (string session in Directory.EnumerateDirectories(parent, "session-*"))
        {
            if (OwnerOf(session) is { } owner && !IsAlive(owner))
            {
                Remove(session);
            }
        }
    }

    private static string? OwnerOf(string session)
    {
        try
        {
            return File.ReadAllText(System.IO.Path.Combine(session, OwnerFile));
        }
        catch (IOException)
        {
            // It begins or ends at this moment.
            return null;
        }
    }

    private static bool IsAlive(string owner)
    {
        string[] parts = owner.Split(' ');
        if (parts.Length != 2 || !int.TryParse(parts[0], CultureInfo.InvariantCulture, out int id))
        {
            // Being written at this moment; its owner lives.
            return true;
        }

        try
        {
            using Process process = Process.GetProcessById(id);
            return StartOf(process) == parts[1];
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // A process id is used again; with its start time it is unique.
    private static string StartOf(Process process) =>
        new DateTimeOffset(process.StartTime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
