using System.Globalization;
using Google.Protobuf;
using Lepton.Compute.Protocol;

namespace Lepton.Compute.Planning;

/// <summary>
/// What an action sends or gets and is too large for a message: files in the session's folder. They go when the action
/// is over. Thread safe.
/// </summary>
/// <param name="directory">The session's folder.</param>
/// <param name="action">A number that no other action of the session has.</param>
internal sealed class ActionFiles(string directory, int action)
{
    // Far below what a message may have, so that some of these and the results of many tasks fit into one.
    private const int InlineBytesMax = 1 << 20;
    private readonly Lock _lock = new();
    private readonly List<string> _paths = [];
    private bool _deleted;

    /// <summary>Keeps bytes as part of a message, or in a file where they are many.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public Parcel Pack(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= InlineBytesMax)
        {
            return new Parcel { Inline = ByteString.CopyFrom(bytes) };
        }

        string path = NewPath();
        using FileStream file = File.Create(path);
        file.Write(bytes);
        return new Parcel { Path = path };
    }

    /// <summary>Takes a worker's file over by renaming it, so that it outlives its worker.</summary>
    /// <exception cref="IOException">It is gone.</exception>
    public Parcel Adopt(string theirs)
    {
        string path = NewPath();
        File.Move(theirs, path);
        return new Parcel { Path = path };
    }

    /// <summary>The bytes of a parcel.</summary>
    public static ReadOnlyMemory<byte> Unpack(Parcel? parcel) =>
        parcel is null ? default : parcel.Path.Length > 0 ? File.ReadAllBytes(parcel.Path) : parcel.Inline.Memory;

    /// <summary>Deletes the files.</summary>
    public void Delete()
    {
        lock (_lock)
        {
            _deleted = true;
        }

        try
        {
            _paths.ForEach(File.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // They go with the session's folder at the latest.
            return;
        }
    }

    private string NewPath()
    {
        lock (_lock)
        {
            if (_deleted)
            {
                throw new IOException("The action is over; nobody waits for its files.");
            }

            string path = Path.Combine(
                directory, string.Create(CultureInfo.InvariantCulture, $"action-{action}-{_paths.Count}"));
            _paths.Add(path);
            return path;
        }
    }
}
