using System.IO.Pipelines;
using System.Net.Security;

namespace Lepton.Rpc.Server;

/// <summary>The clear side of a TLS connection, as pipes. Completing its output ends the TLS session in
/// order.</summary>
internal sealed class TlsTransport : IDuplexPipe
{
    private TlsTransport(SslStream stream)
    {
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        Output = PipeWriter.Create(stream);
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>Does the server's part of the handshake.</summary>
    /// <param name="encrypted">The connection.</param>
    /// <param name="options">The server's certificate, and whom it lets in.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The caller speaks no TLS of ours, or
    /// shows no certificate that is let in.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public static async Task<IDuplexPipe> AcceptAsync(
        IDuplexPipe encrypted, SslServerAuthenticationOptions options, CancellationToken cancellationToken)
    {
        SslStream stream = new(new EncryptedStream(encrypted));
        try
        {
            await stream.AuthenticateAsServerAsync(options, cancellationToken).ConfigureAwait(false);
            return new TlsTransport(stream);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The encrypted side as one stream, which is what .NET's TLS works on.</summary>
    private sealed class EncryptedStream(IDuplexPipe pipe) : Stream
    {
        private readonly Stream _input = pipe.Input.AsStream(leaveOpen: true);
        private readonly Stream _output = pipe.Output.AsStream(leaveOpen: true);

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => _input.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _input.ReadAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => _output.Write(buffer, offset, count);

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            _output.WriteAsync(buffer, cancellationToken);

        public override void Flush() => _output.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => _output.FlushAsync(cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                pipe.Output.Complete();
                pipe.Input.Complete();
            }

            base.Dispose(disposing);
        }
    }
}
