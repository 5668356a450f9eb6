namespace Lepton.Storage.Tests;

/// <summary>A fresh folder that is deleted with all in it.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-storage-");

    public string Path => _folder.FullName;

    public string Child(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
