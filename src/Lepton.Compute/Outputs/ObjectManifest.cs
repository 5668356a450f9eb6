using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Lepton.Compute.Formats;
using Lepton.Objects;

namespace Lepton.Compute.Outputs;

/// <summary>
/// What the marker of an output in an object store says: its note, as on a disk, and behind it a line for each part,
/// with its name. Parts are an output's by that alone, so writing the marker makes, or replaces, all of it at once.
/// </summary>
/// <param name="Note">The first line.</param>
/// <param name="Parts">The names of the parts, in order; empty for a marker that something else wrote.</param>
internal sealed partial record ObjectManifest(string Note, IReadOnlyList<string> Parts)
{
    private const int BytesMax = 64 << 20;

    /// <summary>The name of a part, which no other output's part has.</summary>
    public static string PartName(int partition, string unique, string extension) =>
        string.Create(CultureInfo.InvariantCulture, $"{PartBeginning}{partition:00000}-{unique}{extension}");

    /// <summary>What the names of all parts begin with.</summary>
    public const string PartBeginning = "part-";

    /// <summary>Whether <see cref="PartName"/> may have given a name.</summary>
    public static bool IsPart(string name) => PartForm().IsMatch(name);

    public static ObjectManifest Parse(string text)
    {
        string[] lines = text.Split('\n');
        string[] parts = [.. lines.Skip(1).Where(static line => line.Length > 0)];
        return new ObjectManifest(lines[0], parts.All(IsPart) ? parts : []);
    }

    /// <summary>Reads a marker, as it is now.</summary>
    /// <exception cref="ObjectException">It is not there any more, or the store can't be reached.</exception>
    public static async Task<ObjectManifest> ReadAsync(
        ObjectClient objects, ObjectInfo marker, CancellationToken cancellation)
    {
        if (marker.Bytes > BytesMax)
        {
            throw new StoreRefusedException(
                marker.Url.ToString(), $"{marker.Url} has {marker.Bytes} bytes, and a marker at most {BytesMax}. " +
                "Something else has that name: move it away.");
        }

        return Parse(Encoding.UTF8.GetString(
            await objects.ReadAsync(marker.Url, cancellation).ConfigureAwait(false)));
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(string.Concat(
        Parts.Prepend(Note).Select(static line => line + "\n")));

    [GeneratedRegex("^part-[0-9]{5,}-[0-9a-f]{12}\\.[a-z]+$", RegexOptions.CultureInvariant)]
    private static partial Regex PartForm();
}
