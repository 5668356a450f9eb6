using System.Globalization;
using System.Text.Json;
using Lepton.Core.Durability;
using Lepton.Raft.Disk;

namespace Lepton.Coordination.Hosting;

/// <summary>
/// Who a data directory belongs to: written before anything else is, and the truth at every later start, whatever the
/// flags say of the cluster's beginning.
/// </summary>
/// <param name="Format">The format of the data directory.</param>
/// <param name="ClusterId">The cluster's id, in hexadecimal.</param>
/// <param name="MemberId">The member's id, in hexadecimal.</param>
/// <param name="Name">The member's name.</param>
/// <param name="Joined">Whether the member joined a cluster that was there, and so began with an empty log.</param>
internal sealed record NodeIdentityFile(int Format, string ClusterId, string MemberId, string Name, bool Joined)
{
    /// <summary>
    /// Whether there was a log once: from then on a directory without one has lost what the member promised.
    /// </summary>
    public bool HasLog { get; init; }

    /// <summary>Whether the member was removed from the cluster: then the directory is of no use any more.</summary>
    public bool HasLeft { get; init; }

    /// <summary>The format that this version writes.</summary>
    public const int FormatNow = 1;

    private const string FileName = "identity.json";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Reads a directory's identity; null where it has none yet.</summary>
    /// <exception cref="DataDirectoryException">It is damaged, can't be read, or is of a newer format.</exception>
    public static NodeIdentityFile? Read(string directory)
    {
        string path = PathIn(directory);
        if (!File.Exists(path))
        {
            return null;
        }

        NodeIdentityFile? read;
        try
        {
            read = JsonSerializer.Deserialize<NodeIdentityFile>(File.ReadAllBytes(path), Json);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw DataDirectories.Unusable(path, e);
        }
        catch (JsonException e)
        {
            throw new DataDirectoryException(
                $"{path} can't be read: {e.Message} It says whose data this is. Restore the file from a backup, or " +
                "empty the directory and let the member join anew.", e);
        }

        if (read is null || read.Format > FormatNow)
        {
            throw new DataDirectoryException(
                $"{directory} has format {read?.Format ?? 0}; this version knows formats up to {FormatNow}. Start it " +
                "with the version that wrote it, or a newer one.");
        }

        return read;
    }

    /// <summary>Where it is in a data directory.</summary>
    public static string PathIn(string directory) => Path.Combine(directory, FileName);

    /// <summary>Writes it, for good.</summary>
    public void Write(string directory) => DurableFile.WriteAllBytesAtomic(
        PathIn(directory), JsonSerializer.SerializeToUtf8Bytes(this, Json));

    /// <summary>A number as it stands in the file.</summary>
    public static string Text(ulong id) => id.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>The number that a text of the file stands for.</summary>
    public static ulong Number(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
