using System.Collections;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Lepton.Core.Records;

namespace Lepton.Core.Tests.Records;

public sealed class RefusalTests
{
    [Fact]
    public void Member_DeepInside_IsNamedByItsPath()
    {
        UncodableTypeException refused = Assert.Throws<UncodableTypeException>(RecordCodec.For<Order>);
        Assert.Equal(["Order", "Buyer (Customer)", "_socket"], refused.Path);
        Assert.Equal(typeof(Socket), refused.Type);
        Assert.Equal(
            "Order → Buyer (Customer) → _socket : System.Net.Sockets.Socket can't be coded as a record: a " +
            "socket is open in " +
            "this process only. Carry its path or address and open it where the record is read. Or leave the " +
            "member out: " +
            "mark its field [NonSerialized] ([field: NonSerialized] on a property), and it is default after reading.",
            refused.Message);
        Type atRunTime = typeof(Order);
        Assert.Equal(refused.Message, Message(atRunTime));
    }

    [Theory]
    [InlineData(typeof(List<Customer>), "List<Customer> → element (Customer) → _socket : " +
        "System.Net.Sockets.Socket can't")]
    [InlineData(typeof(Customer[]), "Customer[] → element (Customer) → _socket : System.Net.Sockets.Socket can't")]
    [InlineData(typeof(Socket[,]), "Socket[,] → element : System.Net.Sockets.Socket can't")]
    [InlineData(typeof((int, Socket)), "ValueTuple<int, Socket> → Item2 : System.Net.Sockets.Socket can't")]
    [InlineData(typeof(Tuple<int, Socket>), "Tuple<int, Socket> → Item2 : System.Net.Sockets.Socket can't")]
    [InlineData(typeof(Dictionary<string, Action>), "Dictionary<string, Action> → value : System.Action can't")]
    [InlineData(typeof(Dictionary<Type, int>), "Dictionary<Type, int> → key : System.Type can't")]
    [InlineData(typeof(IReadOnlyList<Thread>), "IReadOnlyList<Thread> → element : System.Threading.Thread can't")]
    [InlineData(typeof(ISet<object>), "ISet<object> → element : object can't")]
    [InlineData(typeof((int, Task)?), "ValueTuple<int, Task>? → element (ValueTuple<int, Task>) → Item2 : " +
        "System.Threading.Tasks.Task can't")]
    [InlineData(typeof(WithBase), "WithBase → _hidden : System.IO.Stream can't")]
    public void Collection_OfRefusedType_IsNamedInThePath(Type type, string start) =>
        Assert.StartsWith(start, Message(type), StringComparison.Ordinal);

    [Theory]
    [InlineData(typeof(Action), "a delegate is code")]
    [InlineData(typeof(Func<int>), "a delegate is code")]
    [InlineData(typeof(nint), "a pointer means something in this process only")]
    [InlineData(typeof(nuint), "a pointer means something in this process only")]
    [InlineData(typeof(FileStream), "a stream is open in this process only")]
    [InlineData(typeof(StreamReader), "it is open in this process only")]
    [InlineData(typeof(BinaryWriter), "it is open in this process only")]
    [InlineData(typeof(HttpClient), "it is open in this process only")]
    [InlineData(typeof(Task<int>), "it is work under way")]
    [InlineData(typeof(ValueTask<int>), "it is work under way")]
    [InlineData(typeof(CancellationToken), "a cancellation token belongs to this process")]
    [InlineData(typeof(CancellationTokenSource), "it cancels work of this process only")]
    [InlineData(typeof(Timer), "it is work under way")]
    [InlineData(typeof(ManualResetEvent), "it is a lock of this process")]
    [InlineData(typeof(SemaphoreSlim), "it is a type of .NET whose private state")]
    [InlineData(typeof(SafeHandle), "a handle means something in this process only")]
    [InlineData(typeof(Type), "it stands for code of this process")]
    [InlineData(typeof(System.Reflection.Assembly), "it stands for code of this process")]
    [InlineData(typeof(InvalidOperationException), "an exception holds traces")]
    [InlineData(typeof(Lazy<int>), "its value may not be there yet")]
    [InlineData(typeof(WeakReference<string>), "its target may be gone")]
    [InlineData(typeof(StringBuilder), "it is a buffer")]
    [InlineData(typeof(Random), "its state is hidden")]
    [InlineData(typeof(Array), "its element type and rank are unknown")]
    [InlineData(typeof(Enum), "its numbers are unknown")]
    [InlineData(typeof(object), "an object can be anything")]
    [InlineData(typeof(IEnumerable<int>), "it may be lazy, endless, or different each time. Call ToList() or " +
        "ToArray()")]
    [InlineData(typeof(IAsyncEnumerable<int>), "it may be lazy, endless")]
    [InlineData(typeof(IEnumerable), "an interface can be any type")]
    [InlineData(typeof(IComparable), "an interface can be any type")]
    [InlineData(typeof(Abstract), "an abstract class can be any of its subclasses")]
    [InlineData(typeof(LinkedList<int>), "records know the collections T[], List<T>")]
    [InlineData(typeof(Queue<int>), "records know the collections T[], List<T>")]
    [InlineData(typeof(ArrayList), "records know the collections T[], List<T>")]
    [InlineData(typeof(System.Globalization.CultureInfo), "it is a type of .NET whose private state")]
    [InlineData(typeof(System.Numerics.Vector<float>), "it is a type of .NET whose private state")]
    [InlineData(typeof(SpinLock), "it is a type of .NET whose private state")]
    [InlineData(typeof(Disposable), "it is disposable")]
    [InlineData(typeof(AsyncDisposable), "it is disposable")]
    [InlineData(typeof(Finalized), "it has a finalizer")]
    [InlineData(typeof(Counting), "it is the state of a running enumeration")]
    [InlineData(typeof(Words), "it derives from System.Collections.Generic.List<string>, whose private state")]
    [InlineData(typeof(Ring), "it is, or has, a buffer of fixed size")]
    [InlineData(typeof(void), "void has no values")]
    [InlineData(typeof(Span<int>), "it may point into the stack")]
    [InlineData(typeof(int*), "a pointer means something in this process only")]
    [InlineData(typeof(List<>), "it is an open generic type")]
    public void Type_ThatCannotTravel_IsRefusedWithReasonAndAdvice(Type type, string reason)
    {
        UncodableTypeException refused = Assert.Throws<UncodableTypeException>(() => RecordCodec.For(type));
        Assert.StartsWith(reason, refused.Reason, StringComparison.Ordinal);
        Assert.EndsWith(".", refused.Reason, StringComparison.Ordinal);
        Assert.Equal(type, refused.Type);
        Assert.Empty(refused.Path);
        Assert.EndsWith(" can't be coded as a record: " + refused.Reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Array_WithAnyLowerBound_IsRefused() =>
        Assert.Contains(
            "its index does not start at 0", Message(typeof(int).MakeArrayType(1)), StringComparison.Ordinal);

    [Fact]
    public void Refusal_AskedForAgain_IsTheSame() =>
        Assert.Equal(
            Assert.Throws<UncodableTypeException>(RecordCodec.For<Action>).Message,
            Assert.Throws<UncodableTypeException>(RecordCodec.For<Action>).Message);

    [Fact]
    public void Type_WithARefusedMember_LeavesItsGoodMembersOfUse()
    {
        Assert.Throws<UncodableTypeException>(RecordCodec.For<Mixed>);
        RoundTrip.Holds(new Good(1));
    }

    private static string Message(Type type) =>
        Assert.Throws<UncodableTypeException>(() => RecordCodec.For(type)).Message;

    private sealed record Order(int Id, Customer Buyer);

    private sealed class Customer(Socket? socket)
    {
        private readonly Socket? _socket = socket;

        public Socket? Open() => _socket;
    }

    private class WithBaseBase(Stream? hidden)
    {
        private readonly Stream? _hidden = hidden;

        public Stream? Hidden => _hidden;
    }

    private sealed class WithBase() : WithBaseBase(null);

    private abstract record Abstract(int Id);

    private sealed class Disposable : IDisposable
    {
        public void Dispose()
        {
        }
    }

    private sealed class AsyncDisposable : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => default;
    }

    private sealed class Finalized
    {
        private int _runs;

        ~Finalized() => _runs++;
    }

    private sealed class Counting : IEnumerator
    {
        public object Current => 1;

        public bool MoveNext() => true;

        public void Reset()
        {
        }
    }

    private sealed class Words : List<string>;

    [InlineArray(4)]
    private struct Ring
    {
        private int _first;

        public int First { readonly get => _first; set => _first = value; }
    }

    private sealed record Mixed(Good Good, Action Bad);

    private sealed record Good(int Id);
}
