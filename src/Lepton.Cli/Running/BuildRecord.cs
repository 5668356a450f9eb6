using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lepton.Cli.Running;

/// <summary>
/// What a project's last build was made from, so that a program of which nothing changed is started without asking
/// the build system, which takes seconds to say so. Kept among the intermediate files of the build, and gone with them.
/// </summary>
/// <param name="Project">The project's full path.</param>
/// <param name="Assembly">What was built.</param>
/// <param name="StartedAt">Files that are newer were perhaps not built in.</param>
/// <param name="EndedAt">Folders that are newer had a file added, removed or renamed since.</param>
/// <param name="Folders">The folders of the project and of the projects that it refers to.</param>
/// <param name="Files">What else the build read: settings above those folders, files linked in.</param>
internal sealed record BuildRecord(
    string Project, string Assembly, DateTime StartedAt, DateTime EndedAt, string[] Folders, string[] Files)
{
    private const string FileName = "lepton-run.json";
    private static readonly string[] s_outputs = ["bin", "obj", "artifacts", "node_modules"];

    /// <summary>The program of a project; null where it was not built yet, or something changed since.</summary>
    public static string? CurrentAssembly(string project)
    {
        string full = Path.GetFullPath(project);
        return Candidates(full).Select(Read).FirstOrDefault(record => record?.Project == full) is { } record
            && record.IsCurrent()
            ? record.Assembly
            : null;
    }

    /// <summary>Writes it to the folder of the build's intermediate files.</summary>
    public void Save(string folder)
    {
        try
        {
            File.WriteAllBytes(
                Path.Combine(folder, FileName),
                JsonSerializer.SerializeToUtf8Bytes(this, BuildRecordJson.Default.BuildRecord));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next run builds again, and is as right.
            return;
        }
    }

    private static IEnumerable<string> Candidates(string project)
    {
        string name = Path.GetFileNameWithoutExtension(project);
        yield return Path.Combine(Path.GetDirectoryName(project)!, "obj", FileName);

        // Where all output of a repository goes to one folder of it.
        for (DirectoryInfo? above = Directory.GetParent(project); above is not null; above = above.Parent)
        {
            yield return Path.Combine(above.FullName, "artifacts", "obj", name, FileName);
        }
    }

    private static BuildRecord? Read(string path)
    {
        try
        {
            return File.Exists(path)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), BuildRecordJson.Default.BuildRecord)
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // Cut short, or of another version: the project is built again.
            return null;
        }
    }

    private bool IsCurrent()
    {
        try
        {
            return File.Exists(Assembly)
                && Files.All(file => File.Exists(file) && File.GetLastWriteTimeUtc(file) < StartedAt)
                && Folders.All(folder => Directory.Exists(folder) && IsCurrent(new DirectoryInfo(folder)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private bool IsCurrent(DirectoryInfo folder) =>
        folder.LastWriteTimeUtc < EndedAt
        && folder.EnumerateFileSystemInfos().All(entry => entry switch
        {
            DirectoryInfo below => below.Name.StartsWith('.') || s_outputs.Contains(below.Name) || IsCurrent(below),
            _ => entry.LastWriteTimeUtc < StartedAt,
        });
}

/// <summary>Source-generated: this is read at each start.</summary>
[JsonSerializable(typeof(BuildRecord))]
internal sealed partial class BuildRecordJson : JsonSerializerContext;
