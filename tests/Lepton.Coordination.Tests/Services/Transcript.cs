using System.Text;
using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Rpc;
using Lepton.Rpc.Client;

namespace Lepton.Coordination.Tests.Services;

/// <summary>
/// A conversation with a server as text. Each line is something to do; what comes of it stands below, after
/// <c>=</c> for a response and <c>!</c> for a status:
/// <code>
/// Put key: "a" value: "1"
/// = header { revision: 2 }
/// watch w               opens a stream of watches named w
/// w create_request { key: "a" }
/// = header { revision: 2 } created: true
/// w                     waits for one more response
/// </code>
/// A line that ends in <c>(nothing)</c> sends and waits for no response. Lines that begin with <c>#</c> are remarks.
/// </summary>
internal sealed class Transcript : IAsyncDisposable
{
    private readonly RpcChannel _channel;
    private readonly Dictionary<string, Func<string, Task<string>>> _unary = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Func<string, bool, Task<string>>> _streams = new(StringComparer.Ordinal);
    private readonly List<IAsyncDisposable> _calls = [];

    public Transcript(Uri address)
    {
        _channel = new RpcChannel(address);
        Unary(Methods.Range);
        Unary(Methods.Put);
        Unary(Methods.DeleteRange);
        Unary(Methods.Txn);
        Unary(Methods.Compact);
        Unary(Methods.LeaseGrant);
        Unary(Methods.LeaseRevoke);
        Unary(Methods.LeaseTimeToLive);
        Unary(Methods.LeaseLeases);
        Unary(Methods.Lock);
        Unary(Methods.Unlock);
        Unary(Methods.Campaign);
        Unary(Methods.Proclaim);
        Unary(Methods.Leader);
        Unary(Methods.Resign);
        Unary(Methods.MemberRemove);
        Unary(Methods.MemberPromote);
        Unary(Methods.MemberAdd);
        Unary(Methods.MoveLeader);
        Unary(Methods.Alarm);
        Unary(Methods.Authenticate);
    }

    public static string Read(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Services", "Transcripts", name));

    /// <summary>Does what the text says, and returns it with what really came of it.</summary>
    public async Task<string> PlayAsync(string text)
    {
        StringBuilder played = new();
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith("= ", StringComparison.Ordinal) || line.StartsWith("! ", StringComparison.Ordinal))
            {
                continue;
            }

            played.Append(line).Append('\n');
            if (line.Length > 0 && line[0] != '#')
            {
                string result = await DoAsync(line).WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System)
                    .ContinueWith(
                        done => done.Exception?.InnerException is TimeoutException
                            ? "! nothing came within 20 s"
                            : done.GetAwaiter().GetResult(),
                        TaskScheduler.Default);
                played.Append(result.Length > 0 ? result + "\n" : "");
            }
        }

        return played.ToString()[..^1];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable call in _calls)
        {
            await call.DisposeAsync();
        }

        _channel.Dispose();
    }

    private static async Task<string> ResultAsync(Func<Task<IMessage?>> run)
    {
        try
        {
            IMessage? response = await run();
            if (response is AlarmResponse alarms)
            {
                // etcd 3.4 leaves it out; later ones and ours don't.
                alarms.Header = null;
            }

            if (response is LeaseTimeToLiveResponse { TTL: > 0 } time)
            {
                // However long the test has taken since the grant.
                time.TTL = 1;
            }

            return response is not null ? "= " + TextMessage.Format(response) : "! OK";
        }
        catch (RpcException e)
        {
            return $"! {e.StatusCode} {e.Detail}";
        }
    }

    private void Unary<TRequest, TResponse>(RpcMethod<TRequest, TResponse> method)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse> =>
        _unary.Add(method.Name, text => ResultAsync(
            async () => await _channel.UnaryAsync(method, TextMessage.Parse<TRequest>(text))));

    private void Open<TRequest, TResponse>(string name, RpcMethod<TRequest, TResponse> method)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>
    {
        RpcDuplexCall<TRequest, TResponse> call = _channel.OpenDuplex(method);
        _calls.Add(call);
        _streams.Add(name, async (text, reads) =>
        {
            if (text.Length > 0)
            {
                await call.WriteAsync(TextMessage.Parse<TRequest>(text));
            }

            return reads ? await ResultAsync(async () => await call.ReadAsync()) : "";
        });
    }

    private async Task<string> DoAsync(string line)
    {
        int blank = line.IndexOf(' ', StringComparison.Ordinal);
        string name = blank < 0 ? line : line[..blank];
        string rest = blank < 0 ? "" : line[(blank + 1)..];
        const string Nothing = "(nothing)";
        bool reads = !rest.EndsWith(Nothing, StringComparison.Ordinal);
        rest = reads ? rest : rest[..^Nothing.Length].TrimEnd();
        switch (name)
        {
            case "watch":
                Open(rest, Methods.Watch);
                return "";
            case "keepalive":
                Open(rest, Methods.LeaseKeepAlive);
                return "";
            default:
                return _unary.TryGetValue(name, out Func<string, Task<string>>? unary)
                    ? await unary(rest)
                    : await _streams[name](rest, reads);
        }
    }
}
