using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lepton.Core.Durability;
using Lepton.Storage.Blocks;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Hosting;

/// <summary>
/// A node's folder: <c>identity.json</c> says of which store it is, <c>blocks/</c> holds the segments,
/// <c>secret.key</c> the key that encrypts the secrets of access keys. One process at a time.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    /// <summary>The file with the key that encrypts secrets.</summary>
    public const string SecretKeyName = "secret.key";

    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream held, DirectoryRecord identity) =>
        (Path, _lock, Identity) = (path, held, identity);

    public string Path { get; }

    /// <summary>Whose it is. A directory that has just been made is of no store yet.</summary>
    public DirectoryRecord Identity { get; private set; }

    public string Blocks => System.IO.Path.Combine(Path, "blocks");

    /// <summary>Where blocks of other nodes are kept that were read here; may be deleted while the node is
    /// stopped.</summary>
    public string Cache => System.IO.Path.Combine(Path, "cache");

    /// <summary>How far the reading of all blocks is.</summary>
    public string Scrub => System.IO.Path.Combine(Path, "scrub.json");

    public string SecretKey => System.IO.Path.Combine(Path, SecretKeyName);

    public string Credentials => System.IO.Path.Combine(Path, "credentials");

    /// <summary>Opens it; makes it where it is missing.</summary>
    /// <exception cref="StorageException">It is in use, another node's, or can't be used.</exception>
    public static DataDirectory Open(string path, string name)
    {
        path = System.IO.Path.GetFullPath(path);
        FileStream? held = null;
        try
        {
            PrivateDirectory.Create(path);
            held = Hold(path);
            DirectoryRecord identity = Identify(path, name);
            return new DataDirectory(path, held, identity);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw new StorageException(
                $"--data-dir: {path} can't be used: {e.Message.TrimEnd('.')}. Give the user that runs the node the " +
                "right to read and write there, or choose another directory.", e);
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    /// <summary>Says durably whose it is. On a full disk a directory that is of a store already stays as it
    /// is.</summary>
    /// <returns>Whether it was written.</returns>
    /// <exception cref="StorageException">It can't be.</exception>
    public bool Identify(DirectoryRecord identity)
    {
        try
        {
            Write(Path, identity);
            Identity = identity;
            return true;
        }
        catch (IOException e) when (DiskFull.Is(e) && Identity.StoreId == identity.StoreId)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"--data-dir: {Path} can't be written to: {e.Message.TrimEnd('.')}. Make room, or give the user that " +
                "runs the node the right to.", e);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static string IdentityOf(string path) => System.IO.Path.Combine(path, "identity.json");

    private static void Write(string path, DirectoryRecord identity) => DurableFile.WriteAllBytesAtomic(
        IdentityOf(path), RecordJson.Write(identity, RecordJson.Default.DirectoryRecord));

    private static FileStream Hold(string path)
    {
        string file = System.IO.Path.Combine(path, "lock");
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new StorageException(
                $"--data-dir: {path} is in use by another process, or can't be locked ({e.Message.TrimEnd('.')}). " +
                "Stop that process, or give this node a directory of its own.", e);
        }
    }

    private static DirectoryRecord Identify(string path, string name)
    {
        string file = IdentityOf(path);
        if (!File.Exists(file))
        {
            DirectoryRecord fresh = new("", RandomNumberGenerator.GetHexString(32, lowercase: true), name, 0);
            Write(path, fresh);
            return fresh;
        }

        try
        {
            DirectoryRecord there = JsonSerializer.Deserialize(
                File.ReadAllText(file, Encoding.UTF8), RecordJson.Default.DirectoryRecord)
                ?? throw new JsonException("it is null");
            return there.Name == name
                ? there
                : throw new StorageException(
                    $"--data-dir: {path} belongs to the node '{there.Name}', and this is '{name}'. Give --name " +
                    $"{there.Name}, or another directory.");
        }
        catch (JsonException e)
        {
            throw new StorageException(
                $"{file} says of no node that this is its directory: {e.Message} Restore the file from a backup.", e);
        }
    }
}
