using Lepton.Core.Streams;
using Lepton.Objects;

namespace Lepton.Compute.Formats;

/// <summary>
/// The version of an object that a job was planned with, as a stream: another one is an error, not a mix.
/// </summary>
internal sealed class ObjectSource : ReadOnlyStream
{
    private readonly ObjectUrl _url;
    private readonly ObjectStream _stream;

    /// <param name="split">The part of it that is read; a reader may go on behind its end.</param>
    /// <param name="cancellation">Ends reads.</param>
    public ObjectSource(FileSplit split, CancellationToken cancellation)
    {
        _url = ObjectUrl.Parse(split.Path);
        var version = new ObjectInfo(_url, split.FileBytes, default, split.ETag);
        _stream = ProcessStore.Use(
            _url, objects => objects.OpenVersion(version, split.OffsetBytes, split.EndBytes, cancellation));
    }

    public override long Length => _stream.Length;

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return _stream.Read(buffer);
        }
        catch (ObjectException e)
        {
            throw e.Failure switch
            {
                ObjectFailure.NotFound => new SourceNotFoundException(
                    _url.ToString(), $"There is no object {_url} any more: it was there when the job was planned. " +
                    "Put it back, or start the job again without it."),
                ObjectFailure.Changed => new StoreRefusedException(
                    _url.ToString(), $"{_url} was replaced since the job was planned. Read it as a new data set when " +
                    "it is complete: a data set keeps the versions that objects had at its first action."),
                _ => StoreRefusedException.Of(_url, e),
            };
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }
}
