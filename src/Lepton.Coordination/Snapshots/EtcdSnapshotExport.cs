using System.Globalization;
using Lepton.Coordination.Services;
using Lepton.Coordination.State;
using Lepton.Raft.Hosting;
using Lepton.Rpc;

namespace Lepton.Coordination.Snapshots;

/// <summary>
/// Makes snapshots that etcd's tools read: the state is fixed by the node's thread in no time, written to a temporary
/// file in the data directory by another one, and read from there. Thread safe.
/// </summary>
/// <remarks>
/// The file's name is removed before anything is written, so that nothing is left of it, whatever comes between. While
/// it is written, nothing of what it holds is freed, though it be compacted.
/// </remarks>
internal sealed class EtcdSnapshotExport : ISnapshotExport
{
    private const string NamePrefix = "export-";
    private const string NameSuffix = ".tmp";
    private const int BufferBytes = 1 << 18;
    private readonly string _directory;
    private readonly Func<Task<StateSnapshot>> _capture;
    private int _last;

    /// <param name="directory">Where its files go.</param>
    /// <param name="capture">Fixes the state.</param>
    public EtcdSnapshotExport(string directory, Func<Task<StateSnapshot>> capture)
    {
        (_directory, _capture) = (directory, capture);
        foreach (string left in Directory.EnumerateFiles(directory, NamePrefix + "*" + NameSuffix))
        {
            File.Delete(left);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="RpcException">
    /// The node has stopped, or there is no room, or the disk can't be written.
    /// </exception>
    public async Task<SnapshotExport> OpenAsync(CancellationToken cancellationToken)
    {
        using StateSnapshot state = await CaptureAsync().ConfigureAwait(false);
        try
        {
            FileStream file = await Task.Factory.StartNew(
                () => Write(state, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning,
                TaskScheduler.Default).ConfigureAwait(false);
            return new SnapshotExport(file, file.Length, state.Revision);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RpcException(StatusCode.Internal,
                $"The snapshot could not be written to {_directory}: {e.Message} Make room there for a file as large " +
                "as the keys and their history, or take the snapshot of another member.", e);
        }
    }

    private async Task<StateSnapshot> CaptureAsync()
    {
        try
        {
            return await _capture().ConfigureAwait(false);
        }
        catch (ConsensusException e)
        {
            throw ConsensusFailures.ToRpcException(e);
        }
    }

    private FileStream Write(StateSnapshot state, CancellationToken cancellationToken)
    {
        string name = NamePrefix + Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture) + NameSuffix;
        string path = Path.Combine(_directory, name);
        FileStream file = new(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = BufferBytes,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
        });
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                File.Delete(path);
            }

            EtcdSnapshotWriter.Write(state, file, cancellationToken);
            file.Position = 0;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
