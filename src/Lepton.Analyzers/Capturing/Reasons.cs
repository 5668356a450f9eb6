namespace Lepton.Analyzers.Capturing;

/// <summary>Why values of a type can't be sent to a worker, and what to do instead.</summary>
internal static class Reasons
{
    public const string Dataset =
        "A data set is a plan that only the driver program can run. Use Join or Union to bring two together, or " +
        "collect the small one into a list first and capture the list.";

    public const string Session =
        "A session belongs to the driver program. Describe the work with operators on data sets instead.";

    public const string Disposable =
        "It is disposable, so it holds something of this process. " + CreateInside;

    public const string Lazy =
        "A lazy sequence or an enumerator is code that is under way, not data. Call ToArray or ToList first, and " +
        "capture the result.";

    public const string Native =
        "A native handle or pointer has a meaning in one process only. " + CreateInside;

    public const string Span =
        "A span points into memory of this process. Capture an array instead.";

    public const string Shared =
        "A concurrent collection is shared by the threads of one process; each worker would change its own copy. " +
        "Copy it into an array or a Dictionary to read it, or return the values from the lambda.";

    private const string CreateInside =
        "Create it inside the lambda, in SelectPartition once per partition, or copy the values you need into a local.";

    private const string Connection = "A connection lives in one process only. " + CreateInside;

    private const string OpenFile =
        "An open stream lives in one process only. Capture the path or the bytes and open it inside the lambda, " +
        "in SelectPartition once per partition, or copy the values you need into a local.";

    private const string Cancellation =
        "It works in one process only. Leave it out: cancelling the job stops its tasks on every worker.";

    private const string Running =
        "A running computation lives in one process only. Await it before, and capture its result in a local.";

    private const string Thread = "It belongs to a thread of this process. Leave it out of the lambda.";

    private const string Lock =
        "A lock works within one process only. Tasks share nothing, so leave it out; combine results with " +
        "Aggregate or GroupBy.";

    private const string Randomness =
        "Every worker would repeat the same numbers. Create a SeededRandom inside the lambda, from a seed and the " +
        "partition's number.";

    private const string Code =
        "Code described by reflection exists in one process only. Capture a name or a Type, or write a lambda.";

    private const string Services =
        "Services live in the driver process. " + CreateInside;

    /// <summary>Metadata names of classes, structs and interfaces; whatever derives from them counts too.</summary>
    public static readonly IReadOnlyList<KeyValuePair<string, string>> ByTypeName =
    [
        .. Of(Cancellation, "System.Threading.CancellationToken", "System.Threading.CancellationTokenSource",
            "System.Threading.CancellationTokenRegistration"),
        .. Of(Connection, "System.Data.IDbConnection", "System.Data.IDbTransaction", "System.Data.IDbCommand",
            "System.Data.IDataReader", "System.Net.Sockets.Socket", "System.Net.Sockets.NetworkStream",
            "System.Net.Sockets.TcpClient", "System.Net.Sockets.TcpListener", "System.Net.Sockets.UdpClient",
            "System.Net.Http.HttpMessageInvoker", "System.Net.Http.HttpMessageHandler"),
        .. Of(OpenFile, "System.IO.Stream", "System.IO.TextReader", "System.IO.TextWriter", "System.IO.BinaryReader",
            "System.IO.BinaryWriter"),
        .. Of(Running, "System.Threading.Tasks.Task", "System.Threading.Tasks.ValueTask",
            "System.Threading.Tasks.ValueTask`1"),
        .. Of(Thread, "System.Threading.Thread", "System.Threading.ThreadLocal`1", "System.Threading.AsyncLocal`1",
            "System.Threading.SynchronizationContext", "System.Threading.ExecutionContext", "System.Threading.Timer",
            "System.Threading.PeriodicTimer", "System.Timers.Timer", "System.Threading.Tasks.TaskScheduler"),
        .. Of(Lock, "System.Threading.Lock", "System.Threading.WaitHandle", "System.Threading.SemaphoreSlim",
            "System.Threading.ReaderWriterLockSlim", "System.Threading.ManualResetEventSlim",
            "System.Threading.CountdownEvent", "System.Threading.Barrier", "System.Threading.SpinLock"),
        .. Of(Native, "System.IntPtr", "System.UIntPtr", "System.Reflection.Pointer",
            "System.Runtime.InteropServices.GCHandle", "System.Runtime.InteropServices.SafeHandle",
            "System.Runtime.InteropServices.CriticalHandle",
            "System.Runtime.ConstrainedExecution.CriticalFinalizerObject", "System.Diagnostics.Process",
            "System.WeakReference", "System.WeakReference`1"),
        .. Of(Lazy, "System.Collections.IEnumerator", "System.Collections.Generic.IAsyncEnumerable`1",
            "System.Collections.Generic.IAsyncEnumerator`1"),
        .. Of(Randomness, "System.Random", "System.Security.Cryptography.RandomNumberGenerator"),
        .. Of(Code, "System.Reflection.Assembly", "System.Reflection.Module", "System.Reflection.MethodBase",
            "System.Reflection.FieldInfo", "System.Reflection.PropertyInfo", "System.Reflection.EventInfo",
            "System.Linq.Expressions.Expression"),
        .. Of(Services, "System.IServiceProvider", "Microsoft.Extensions.Logging.ILogger",
            "System.Net.Http.IHttpClientFactory", "System.Threading.Channels.Channel`2",
            "System.Threading.Channels.ChannelReader`1", "System.Threading.Channels.ChannelWriter`1"),
    ];

    private static IEnumerable<KeyValuePair<string, string>> Of(string reason, params string[] names) =>
        names.Select(name => new KeyValuePair<string, string>(name, reason));
}
