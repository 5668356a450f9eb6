using System.Data;
using System.Globalization;
using System.Linq.Expressions;
using System.Net.Sockets;
using Lepton.Compute.Functions;

namespace Lepton.Compute.Tests.Functions;

public sealed class RefusalTests
{
    private readonly Stream _stream = Stream.Null;
    private readonly Service _service = new();
    private int _count;

    [Fact]
    public void Trap70_FieldOfThis_IsNamedByThePathToIt()
    {
        UnsendableException refused = Worker.Refuse((int x) => x + _stream.Length);
        Assert.Equal(3, refused.Path.Count);
        Assert.Matches(
            @"^lambda in RefusalTests\.Trap70_FieldOfThis_IsNamedByThePathToIt \(RefusalTests\.cs:\d+\)$",
            refused.Path[0]);
        Assert.Equal(["this", "_stream : System.IO.Stream.NullStream"], refused.Path.Skip(1));
        Assert.Equal(
            $"This lambda can't be sent to a worker: {refused.Path[0]} → this → _stream : " +
            "System.IO.Stream.NullStream. An open stream lives in one process only. Capture the path or the bytes, " +
            "and open the stream inside the lambda.",
            refused.Message);
    }

    [Fact]
    public void Trap70_DeepInCapturedObjects_IsNamedByThePathToIt()
    {
        Dictionary<string, Service[]> services = new() { ["a"] = [new Service(), _service] };
        Func<int, int> inner = x => services["a"][0].Pool.Count + x;
        UnsendableException refused = Worker.Refuse((int x) => inner(x));
        Assert.Equal(
            ["inner", "services", "[0]", "[0]", "Pool", "[0] : System.Threading.SemaphoreSlim"],
            refused.Path.Where(p => !p.StartsWith("lambda in ", StringComparison.Ordinal)));
        const string Here = "lambda in RefusalTests.Trap70_Deep";
        Assert.Equal(2, refused.Path.Count(p => p.StartsWith(Here, StringComparison.Ordinal)));
    }

    [Fact]
    public void Trap70_LambdaInPlan_PathBeginsAtTheLambda()
    {
        using StringReader text = new("");
        UnsendableException refused = Worker.Refuse(new Plan(x => x + text.Peek(), Stream.Null));
        Assert.Equal("text : System.IO.StringReader", refused.Path[1]);
        Assert.StartsWith("lambda in RefusalTests.Trap70_LambdaInPlan", refused.Path[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Refuse_ValueWithoutLambda_NamesTheValue()
    {
        UnsendableException refused = Worker.Refuse(new object[] { 1, Task.CompletedTask });
        Assert.StartsWith(
            "This value can't be sent to a worker: [1] : System.Threading.Tasks.Task",
            refused.Message, StringComparison.Ordinal);
        Assert.Contains("Await it first", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuse_MethodGroup_SaysFunction()
    {
        UnsendableException refused = Worker.Refuse((Func<int>)_service.Run);
        Assert.StartsWith(
            "This function can't be sent to a worker: RefusalTests.Service.Run (RefusalTests.cs:", refused.Message,
            StringComparison.Ordinal);
        Assert.Equal("this", refused.Path[1]);
    }

    public static TheoryData<object, string> OneProcessOnly() => new()
    {
        { new CancellationTokenSource(), "Leave it out: cancelling the job stops its tasks" },
        { CancellationToken.None, "Leave it out: cancelling the job stops its tasks" },
        { new DataTable().CreateDataReader(), "A connection lives in one process only" },
        { new TcpClient(), "A connection lives in one process only" },
        { new HttpClient(), "A connection lives in one process only" },
        { new MemoryStream(), "open the stream inside the lambda" },
        { new StringWriter(), "open the stream inside the lambda" },
        { Task.FromResult(1), "Await it first" },
        { new ValueTask<int>(1), "Await it first" },
        { Thread.CurrentThread, "Leave it out of the lambda" },
        { new AsyncLocal<int>(), "Leave it out of the lambda" },
        { new Barrier(1), "workers would not exclude each other" },
        { new SemaphoreSlim(1), "workers would not exclude each other" },
        { new ManualResetEvent(true), "workers would not exclude each other" },
        { (nint)5, "native handle" },
        { new WeakReference(new object()), "native handle" },
        { new Microsoft.Win32.SafeHandles.SafeFileHandle(), "native handle" },
        { Enumerable.Range(0, 3).Where(x => x > 1), "Call ToArray() or ToList() first" },
        { new[] { 3, 1 }.OrderBy(x => x), "Call ToArray() or ToList() first" },
        { Count(), "Call ToArray() or ToList() first" },
        { new List<int> { 1 }.GetEnumerator(), "Call ToArray() or ToList() first" },
        { new System.Collections.Concurrent.ConcurrentDictionary<int, int>(), "Copy it into an array or a Dictionary" },
        { new Derived { ["a"] = 1 }, "Copy it into a plain Dictionary<String, Int32>" },
        { new Random(1), "from a seed and the partition's number" },
        { Expression.Constant(1), "write the code as an ordinary lambda" },
        { typeof(int).GetMethods()[0], "write the code as an ordinary lambda" },
        { Array.CreateInstance(typeof(object), [2], [1]), "starts at another index than 0" },
        { StringComparer.Create(CultureInfo.InvariantCulture, CompareOptions.IgnoreNonSpace), "Use StringComparer" },
        { new System.Diagnostics.Stopwatch(), "is a class of the framework whose state belongs to this process" },
        { new Marked(), "A session stays with its driver." },
    };

    [Theory]
    [MemberData(nameof(OneProcessOnly), DisableDiscoveryEnumeration = true)]
    public void Refuse_ObjectOfOneProcess_SaysWhyAndWhatToDo(object captured, string advice)
    {
        UnsendableException refused = Worker.Refuse(() => captured);
        Assert.Contains(advice, refused.Reason, StringComparison.Ordinal);
        Assert.Contains(" → captured", refused.Message, StringComparison.Ordinal);
        (captured as IDisposable)?.Dispose();
    }

    [Fact]
    public void Refuse_CapturedVariableThatIsAssigned_AdvisesAnAggregate()
    {
        int counter = 0;
        UnsendableException refused = Worker.Refuse((int x) => counter += x);
        Assert.Equal("counter", refused.Path[1]);
        Assert.Contains(
            "The lambda assigns to the captured variable 'counter'. Every worker would change a copy of its own",
            refused.Reason, StringComparison.Ordinal);
        Assert.Equal(0, counter);
    }

    [Fact]
    public void Refuse_CapturedVariableThatIsAssignedIndirectly_IsFound()
    {
        int a = 0;
        int b = 0;
        int c = 0;
        int d = 0;
        int e = 0;
        (int Value, string Name) f = (0, "");
        Assert.Equal("a", Worker.Refuse(() => Interlocked.Increment(ref a)).Path[1]);
        Assert.Equal("b", Worker.Refuse((string s) => int.TryParse(s, out b)).Path[1]);
        Assert.Equal("c", Worker.Refuse((int[] s) => s.Select(x => c += x).Last()).Path[1]);
        Assert.Equal("d", Worker.Refuse(async () => { await Task.Yield(); d++; }).Path[1]);
        Assert.Equal("e", Worker.Refuse(() => Set(1)).Path[1]);
        Assert.Equal("f", Worker.Refuse(() => f.Value = 3).Path[1]);
        Assert.Equal(0, a + b + c + d + e + f.Value);

        void Set(int value) => e = value;
    }

    [Fact]
    public void Send_AssignmentsToTheLambdasOwnVariables_AreFine()
    {
        int start = 3;
        (int Value, string Name) pair = (1, "x");
        Func<int[], int> function = items =>
        {
            int sum = start;
            int calls = 0;
            Action<int> add = x =>
            {
                sum += x;
                Action again = () => calls++;
                again();
            };
            foreach (int item in items)
            {
                add(item);
            }

            items[0] = calls;
            Interlocked.Increment(ref calls);
            return sum + calls + pair.Value + pair.Name.Length + pair.CompareTo(pair) + ByIn(in pair) + ByRef(in pair);
        };
        Assert.Equal(function([1, 2]), Worker.Send(function)([1, 2]));
    }

    [Fact]
    public void Send_LazyFieldOfThis_MayBeAssigned()
    {
        Assert.Equal(1, Worker.Send(() => ++_count)());
        Assert.Equal(0, _count);
    }

    [Fact]
    public void Refuse_Multicast_SaysSo()
    {
        Action both = () => { };
        both += () => { };
        Assert.Contains("calls 2 methods", Worker.Refuse(both).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuse_CompiledExpression_SaysSo()
    {
        Expression<Func<int, int>> tree = x => x + 1;
        UnsendableException refused = Worker.Refuse(tree.Compile());
        Assert.Contains("write the code as an ordinary lambda", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuse_LongChain_SaysHowDeep()
    {
        Link? chain = null;
        for (int i = 0; i < 100_000; i++)
        {
            chain = new Link(chain);
        }

        UnsendableException refused = Worker.Refuse(() => chain);
        Assert.Contains("more than 2,000 deep", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Copy_ChainAsDeepAsAllowed_ComesBack()
    {
        Link chain = new(null);
        for (int i = 0; i < CaptureSurvey.DepthMax - 10; i++)
        {
            chain = new Link(chain);
        }

        Link? copy = Worker.Copy(chain);
        int length = 0;
        for (; copy is not null; copy = copy.Next)
        {
            length++;
        }

        Assert.Equal(CaptureSurvey.DepthMax - 9, length);
    }

    private static int ByIn(in (int Value, string Name) pair) => pair.Value;

    private static int ByRef(ref readonly (int Value, string Name) pair) => pair.Value;

    private static IEnumerable<int> Count()
    {
        yield return 1;
    }

    private sealed class Plan(Func<int, int> function, Stream stream)
    {
        [NotSent]
        private readonly Stream _stream = stream;

        public Func<int, int> Function { get; } = function;

        public bool IsHome => _stream is not null;
    }

    private sealed class Service
    {
        public List<SemaphoreSlim> Pool { get; } = [new(1)];

        public int Run() => Pool.Count;
    }

    private sealed class Derived : Dictionary<string, int>;

    [Unsendable("A session stays with its driver.")]
    private sealed class Marked;

    private sealed class Link(Link? next)
    {
        public Link? Next { get; } = next;
    }
}
