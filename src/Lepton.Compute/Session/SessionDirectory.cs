using System.Globalization;
using System.Security.Cryptography;
using Lepton.Compute.Outputs;

namespace Lepton.Compute.Session;

/// <summary>
/// The session's folder for shuffles, spills and cached blocks, and the notes of outputs in work. A locked file beside
/// it says that its owner lives. It goes after the folder does, so that whatever a killed driver left is found: by its
/// workers, or by the next session.
/// </summary>
internal sealed class SessionDirectory : IDisposable
{
    private const string Prefix = "session-";
    private const string OwnerEnding = ".owner";
    private const string GoneEnding = ".gone";
    private const int AttemptsMax = 10;
    private const int LooksMax = 200;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);
    private readonly FileStream _owner;

    private SessionDirectory(string path, string id, FileStream owner)
    {
        Path = path;
        Id = id;
        _owner = owner;
        Outputs = new OutputsInWork(path);
    }

    public string Path { get; }

    /// <summary>A random name: 12 hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>Where outputs are noted while they are being written.</summary>
    public OutputsInWork Outputs { get; }

    /// <summary>Creates a fresh one under <paramref name="root"/> and removes those whose owners are dead.</summary>
    /// <exception cref="IOException">
    /// The root can't be used; the message names the option that chose it, and says why and what to do.
    /// </exception>
    public static SessionDirectory Create(string? root)
    {
        string parent = root ?? System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"lepton-{Environment.UserName}");
        try
        {
            parent = System.IO.Path.GetFullPath(parent);
            if (root is null)
            {
                PrivateFolder.CreateOwn(parent);
            }
            else
            {
                PrivateFolder.Create(parent);
            }

            Sweep(parent);
            return MakeUnder(parent);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            string option = root is null
                ? $"The session's files can't go to '{parent}', where they go unless WorkDirectory is set"
                : $"WorkDirectory is '{root}', which can't be used";
            throw new IOException(
                $"{option}: {e.Message.TrimEnd('.')}. Set LeptonSessionOptions.WorkDirectory to a folder that this " +
                    "user can write to, on a disk with room.",
                e)
            {
                HResult = e.HResult,
            };
        }
    }

    /// <summary>Makes the folder of a worker.</summary>
    public string CreateFor(string worker) => Directory.CreateDirectory(System.IO.Path.Combine(Path, worker)).FullName;

    /// <summary>Removes a folder with all that is in it. False where something of it stays.</summary>
    public static bool Remove(string path)
    {
        // More than once: a dying worker may still make files in it, or somebody else may be removing it too.
        for (int attempt = 1; Directory.Exists(path); attempt++)
        {
            try
            {
                Directory.Delete(path, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (attempt == AttemptsMax)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>
    /// As <see cref="Remove"/>, where tasks may still be at work: it first gets another name, so that none can make a
    /// new file in it meanwhile.
    /// </summary>
    public static bool RemoveInUse(string path)
    {
        // Windows renames no directory in which a file is open; it is then removed under its own name.
        TryMove(path, path + GoneEnding);
        return Remove(path) & Remove(path + GoneEnding);
    }

    /// <summary>Renames a folder; false where that can't be done, or there is none.</summary>
    public static bool TryMove(string path, string to)
    {
        try
        {
            Directory.Move(path, to);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>
    /// Called by each worker whose driver is gone: removes the session's folder, with the folders of workers that
    /// could not do so themselves any more, and the outputs in work. Where the driver turns out to live, just the
    /// worker's own folder.
    /// </summary>
    public static void Abandon(string session, string workerFolder)
    {
        using var never = new ManualResetEvent(false);

        // The system may close the dead driver's pipes a moment before it lets go of its lock; and another worker may
        // be at it.
        for (int look = 0; look < LooksMax && File.Exists(session + OwnerEnding); look++)
        {
            if (TryClear(session))
            {
                return;
            }

            never.WaitOne(LookEvery);
        }

        RemoveInUse(workerFolder);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ObjectNotes.Clear(Path);
        RemoveInUse(Path);
        _owner.Dispose();
        TryClear(Path);
    }

    private static SessionDirectory MakeUnder(string parent)
    {
        for (int attempt = 1; ; attempt++)
        {
            string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
            string path = System.IO.Path.Combine(parent, Prefix + id);
            try
            {
                return Make(path, id);
            }
            catch (IOException) when (attempt < AttemptsMax)
            {
                // Most likely another session's sweep looked at the owner's file between its making and its locking,
                // and removes it.
                TryClear(path);
            }
        }
    }

    private static SessionDirectory Make(string path, string id)
    {
        FileStream owner = Own(path + OwnerEnding);
        try
        {
            PrivateFolder.Create(path);
            return new SessionDirectory(path, id, owner);
        }
        catch
        {
            owner.Dispose();
            TryClear(path);
            throw;
        }
    }

    private static FileStream Own(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var owner = new FileStream(path, options);
        try
        {
            // The system lets go of the lock when the process ends, however it does; a process id could be another's
            // by then. It tells what else the owner may have left, see RuntimeSockets.
            string told = string.Create(
                CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n{System.IO.Path.GetTempPath()}\n");
            owner.Write(System.Text.Encoding.UTF8.GetBytes(told));
            return File.Exists(path)
                ? owner
                : throw new IOException($"'{path}', which locks a new session, was removed by another one");
        }
        catch
        {
            owner.Dispose();
            File.Delete(path);
            throw;
        }
    }

    private static void Sweep(string parent)
    {
        string[] left = [.. Directory.EnumerateFileSystemEntries(parent, Prefix + "*").Where(PrivateFolder.IsMine)];
        foreach (string owner in left.Where(path => path.EndsWith(OwnerEnding, StringComparison.Ordinal)))
        {
            TryClear(owner[..^OwnerEnding.Length]);
        }

        ObjectNotes.Sweep(parent);

        // Without an owner's file: those of versions that removed it too early.
        foreach (string folder in left.Where(Directory.Exists))
        {
            string session = folder.EndsWith(GoneEnding, StringComparison.Ordinal)
                ? folder[..^GoneEnding.Length]
                : folder;
            if (!File.Exists(session + OwnerEnding))
            {
                Clear(session);
            }
        }
    }

    // False where its owner lives, somebody else is at it, or some of it stays.
    private static bool TryClear(string session)
    {
        string owner = session + OwnerEnding;
        try
        {
            using (var locked = new FileStream(owner, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 0))
            {
                if (!Clear(session))
                {
                    return false;
                }

                using var reader = new StreamReader(locked);
                if (int.TryParse(reader.ReadLine(), CultureInfo.InvariantCulture, out int processId)
                    && reader.ReadLine() is { } temporaryDirectory)
                {
                    RuntimeSockets.Remove(processId, temporaryDirectory, File.GetLastWriteTimeUtc(owner));
                }
            }

            File.Delete(owner);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool Clear(string session)
    {
        ObjectNotes.Clear(session);
        ObjectNotes.Clear(session + GoneEnding);
        bool areOutputsGone = OutputsInWork.Abandon(session) & OutputsInWork.Abandon(session + GoneEnding);
        if (areOutputsGone)
        {
            return RemoveInUse(session);
        }

        // The notes of outputs stay, so that the next session tries again; what takes room goes.
        foreach (string folder in Directory.Exists(session) ? Directory.GetDirectories(session) : [])
        {
            RemoveInUse(folder);
        }

        return false;
    }
}
