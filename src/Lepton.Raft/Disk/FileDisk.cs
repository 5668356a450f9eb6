using Lepton.Core.Durability;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Raft.Disk;

/// <summary>
/// A directory of a real file system. No other process can open it as long as this object lives. Thread safe; each
/// file is used by one thread at a time.
/// </summary>
public sealed class FileDisk : IDisk, IDisposable
{
    private const string LockName = "LOCK";
    private const int ZerosBytes = 1 << 20;
    private const int NotSupportedLinux = 95;
    private const int Invalid = 22;
    private const int NoSuchCall = 38;
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int LockViolation = unchecked((int)0x80070021);
    private readonly SafeFileHandle _lock;

    private FileDisk(string path, SafeFileHandle held)
    {
        Path = path;
        _lock = held;
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <summary>Opens a directory, and makes it, for good, where it is not there yet.</summary>
    /// <exception cref="DataDirectoryException">Another process has it open, or this one has no right to.</exception>
    /// <exception cref="IOException">It can't be made or opened.</exception>
    public static FileDisk OpenDirectory(string path)
    {
        string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        try
        {
            MakeDirectory(full);
            return new FileDisk(full, Lock(full));
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new DataDirectoryException(
                $"{full} can't be used as a data directory: {fault.Message} Give the user that runs the node the " +
                "right to write there, or choose another directory.",
                fault);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List()
    {
        List<string> names = [];
        foreach (string path in Directory.EnumerateFiles(Path))
        {
            string name = System.IO.Path.GetFileName(path);
            if (!string.Equals(name, LockName, StringComparison.Ordinal))
            {
                names.Add(name);
            }
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <inheritdoc/>
    public IDiskFile Create(string name, long bytes)
    {
        string path = FullPath(name);
        SafeFileHandle file = OpenHandle(path, FileMode.CreateNew, "made");
        try
        {
            Reserve(file, path, bytes);
            return new FileDiskFile(file, path);
        }
        catch (IOException)
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <inheritdoc/>
    public IDiskFile Open(string name)
    {
        string path = FullPath(name);
        return new FileDiskFile(OpenHandle(path, FileMode.Open, "opened"), path);
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        string source = FullPath(from);
        try
        {
            // Within one directory this is one rename of the system's, never a copy.
            File.Move(source, FullPath(to), overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw DiskFaults.Translate(fault, source, $"renamed to {to}");
        }
    }

    /// <inheritdoc/>
    public void Delete(string name)
    {
        string path = FullPath(name);
        try
        {
            File.Delete(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw DiskFaults.Failed(path, "deleted", fault.Message, fault);
        }
    }

    /// <inheritdoc/>
    public void SyncDirectory()
    {
        try
        {
            DurableFile.FsyncDirectory(Path);
        }
        catch (IOException fault)
        {
            throw DiskFaults.Failed(Path, "flushed", fault.Message, fault);
        }
    }

    /// <summary>Lets other processes have the directory. Files that are open stay so.</summary>
    public void Dispose() => _lock.Dispose();

    private static void MakeDirectory(string full)
    {
        Stack<string> missing = new();
        string? above = full;
        while (above is not null && !Directory.Exists(above))
        {
            missing.Push(above);
            above = System.IO.Path.GetDirectoryName(above);
        }

        // Each new name is flushed in the directory that holds it, or the node's data would be gone with it.
        foreach (string part in missing)
        {
            Directory.CreateDirectory(part);
            DurableFile.FsyncDirectory(System.IO.Path.GetDirectoryName(part)!);
        }
    }

    private static SafeFileHandle Lock(string full)
    {
        string path = System.IO.Path.Combine(full, LockName);
        try
        {
            return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException fault) when (IsHeld(fault))
        {
            throw new DataDirectoryException(
                $"{full} is in use by another process. Two nodes must never share a data directory: stop the other " +
                $"one (\"lsof {path}\" tells which it is), or give this one a directory of its own.",
                fault);
        }
        catch (IOException fault)
        {
            throw new DataDirectoryException(
                $"{path}, which keeps other processes out of the data directory, can't be opened: {fault.Message} " +
                "Mend what it names, such as a limit of open files or a full disk, then start the node again.",
                fault);
        }
    }

    private static bool IsHeld(IOException fault) => fault.HResult is SharingViolation or LockViolation
        || fault.HResult == (OperatingSystem.IsMacOS() ? WouldBlockMac : WouldBlockLinux);

    private static SafeFileHandle OpenHandle(string path, FileMode mode, string action)
    {
        try
        {
            return File.OpenHandle(
                path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.None);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw DiskFaults.Translate(fault, path, action);
        }
    }

    private static void Reserve(SafeFileHandle file, string path, long bytes)
    {
        if (bytes == 0)
        {
            return;
        }

        if (OperatingSystem.IsLinux())
        {
            int error = PosixCalls.Reserve(file, bytes);
            if (error == 0)
            {
                return;
            }

            if (error is not (NotSupportedLinux or Invalid or NoSuchCall))
            {
                throw DiskFaults.Translate(error, path, $"given {bytes:N0} bytes of room");
            }
        }

        FillWithZeros(file, path, bytes);
    }

    private static void FillWithZeros(SafeFileHandle file, string path, long bytes)
    {
        byte[] zeros = new byte[Math.Min(bytes, ZerosBytes)];
        try
        {
            for (long done = 0; done < bytes; done += zeros.Length)
            {
                RandomAccess.Write(file, zeros.AsSpan(0, (int)Math.Min(zeros.Length, bytes - done)), done);
            }
        }
        catch (IOException fault)
        {
            throw DiskFaults.Translate(fault, path, $"given {bytes:N0} bytes of room");
        }
    }

    private string FullPath(string name)
    {
        if (name.Length == 0 || !string.Equals(System.IO.Path.GetFileName(name), name, StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"\"{name}\" is not the name of a file in {Path}: give a plain file name.", nameof(name));
        }

        return System.IO.Path.Combine(Path, name);
    }
}
