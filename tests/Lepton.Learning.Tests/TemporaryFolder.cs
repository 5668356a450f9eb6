namespace Lepton.Learning.Tests;

/// <summary>A fresh folder that is deleted with all in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-learning-");

    public string[] FileNames => [.. _folder.GetFiles("*", SearchOption.AllDirectories).Select(f => f.Name)];

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
