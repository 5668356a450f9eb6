using System.Collections;
using System.Data;
using System.Diagnostics;
using System.Linq.Expressions;
using System.Net.Http;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.ConstrainedExecution;
using System.Runtime.InteropServices;

namespace Lepton.Compute.Functions;

/// <summary>
/// The kinds of objects that live in one process only: why each can't be sent, and what to do instead.
/// </summary>
internal static class Refusals
{
    private const string Connection = "A connection lives in one process only. Create it inside the lambda " +
        "(SelectPartition opens one per partition), or copy what you need into a local variable.";

    private const string OpenFile = "An open stream lives in one process only. Capture the path or the bytes, and " +
        "open the stream inside the lambda.";

    private const string Cancellation = "A cancellation token works in one process only. Leave it out: cancelling " +
        "the job stops its tasks on every worker.";

    private const string Running = "A running computation lives in one process only. Await it first, and capture " +
        "its result.";

    private const string Thread = "A thread, and what belongs to it, lives in one process only. Leave it out of the " +
        "lambda.";

    private const string Lock = "A lock works within one process only: workers would not exclude each other. Tasks " +
        "share nothing, so leave it out; to combine results use Aggregate or GroupBy.";

    private const string Native = "A native handle or pointer has a meaning in one process only. Open the resource " +
        "inside the lambda.";

    private const string Lazy = "A lazy sequence or an enumerator is code that is under way, not data. Call " +
        "ToArray() or ToList() first, and capture the result.";

    private const string Shared = "A concurrent collection is meant for the threads of one process; each worker " +
        "would change a copy of its own. Copy it into an array or a Dictionary to read it, or return the values " +
        "from the lambda.";

    private const string Randomness = "Every worker would repeat the same numbers, and results would depend on who " +
        "runs what. Create the generator inside the lambda, from a seed and the partition's number.";

    private const string Code = "Code that was made at run time, or is described by reflection, exists in one " +
        "process only. Capture a name or a Type, or write the code as an ordinary lambda.";

    private static readonly (Type Base, string Reason)[] s_reasons =
    [
        (typeof(CancellationToken), Cancellation), (typeof(CancellationTokenSource), Cancellation),
        (typeof(CancellationTokenRegistration), Cancellation),
        (typeof(IDbConnection), Connection), (typeof(IDbTransaction), Connection), (typeof(IDbCommand), Connection),
        (typeof(IDataReader), Connection), (typeof(Socket), Connection), (typeof(TcpClient), Connection),
        (typeof(TcpListener), Connection), (typeof(UdpClient), Connection), (typeof(HttpMessageInvoker), Connection),
        (typeof(HttpMessageHandler), Connection), (typeof(NetworkStream), Connection),
        (typeof(Stream), OpenFile), (typeof(TextReader), OpenFile), (typeof(TextWriter), OpenFile),
        (typeof(BinaryReader), OpenFile), (typeof(BinaryWriter), OpenFile),
        (typeof(Task), Running), (typeof(ValueTask), Running), (typeof(ValueTask<>), Running),
        (typeof(TaskScheduler), Thread), (typeof(Thread), Thread), (typeof(ThreadLocal<>), Thread),
        (typeof(AsyncLocal<>), Thread), (typeof(SynchronizationContext), Thread), (typeof(ExecutionContext), Thread),
        (typeof(Timer), Thread), (typeof(PeriodicTimer), Thread),
        (typeof(Lock), Lock), (typeof(WaitHandle), Lock), (typeof(SemaphoreSlim), Lock),
        (typeof(ReaderWriterLockSlim), Lock), (typeof(ManualResetEventSlim), Lock), (typeof(CountdownEvent), Lock),
        (typeof(Barrier), Lock), (typeof(SpinLock), Lock),
        (typeof(nint), Native), (typeof(nuint), Native), (typeof(Pointer), Native), (typeof(GCHandle), Native),
        (typeof(SafeHandle), Native), (typeof(CriticalHandle), Native), (typeof(CriticalFinalizerObject), Native),
        (typeof(Process), Native), (typeof(WeakReference), Native), (typeof(WeakReference<>), Native),
        (typeof(IEnumerator), Lazy), (typeof(IAsyncEnumerable<>), Lazy), (typeof(IAsyncEnumerator<>), Lazy),
        (typeof(Random), Randomness),
        (typeof(Expression), Code), (typeof(MemberInfo), Code), (typeof(Assembly), Code), (typeof(Module), Code),
    ];

    /// <summary>Why values of this type are never sent; null where nothing speaks against them.</summary>
    public static string? ReasonFor(Type type)
    {
        if (type.GetCustomAttribute<UnsendableAttribute>(inherit: true) is { } marked)
        {
            return marked.Reason;
        }

        foreach ((Type @base, string reason) in s_reasons)
        {
            if (Is(type, @base))
            {
                return reason;
            }
        }

        if (type.IsPointer || type.IsFunctionPointer)
        {
            return Native;
        }

        if (type.IsByRefLike)
        {
            return "A span points into memory of this process. Capture an array or a Memory instead.";
        }

        bool sequence = typeof(IEnumerable).IsAssignableFrom(type);
        if (sequence && (CompilerNames.IsStateMachine(type) || type.Namespace == "System.Linq"))
        {
            return Lazy;
        }

        if (type.Namespace == "System.Collections.Concurrent" && Modules.IsFramework(type.Assembly))
        {
            return Shared;
        }

        if (type.Assembly.IsDynamic)
        {
            return Code;
        }

        return DerivesFromHashed(type);
    }

    /// <summary>The reason for a class of the framework that is none of the known plain ones.</summary>
    public static string Framework(Type type) =>
        $"{TypeText.Short(type)} is a class of the framework whose state belongs to this process. Create it inside " +
        "the lambda, or capture the plain values that it is made from.";

    /// <summary>The reason for a delegate that stands for several methods.</summary>
    public static string Multicast(int count) =>
        $"This delegate calls {count} methods one after the other. Send each one by itself, or call them from one " +
        "lambda.";

    /// <summary>The reason for a delegate whose code is in no file that a worker could load.</summary>
    public static string NoFile(Assembly assembly) => assembly.IsDynamic
        ? Code
        : $"Its code is in the assembly {assembly.GetName().Name}, which has no file of its own (a script, or a " +
            "program published as a single file), so that a worker can't load it. Build it as an ordinary project, " +
            "and publish without PublishSingleFile.";

    private static bool Is(Type type, Type @base)
    {
        if (!@base.IsGenericTypeDefinition)
        {
            return @base.IsAssignableFrom(type);
        }

        if (@base.IsInterface)
        {
            return Array.Exists(type.GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition() == @base);
        }

        for (Type? t = type; t is not null; t = t.BaseType)
        {
            if (t.IsGenericType && t.GetGenericTypeDefinition() == @base)
            {
                return true;
            }
        }

        return false;
    }

    private static string? DerivesFromHashed(Type type)
    {
        for (Type? t = type.BaseType; t is not null; t = t.BaseType)
        {
            if (HashedShape.For(t) is { IsOpen: true })
            {
                return $"{TypeText.Short(type)} derives from {TypeText.Short(t)}, which keeps hash codes, and these " +
                    $"differ between processes. Copy it into a plain {TypeText.Short(t)}.";
            }
        }

        return null;
    }
}
