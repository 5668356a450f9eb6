using System.Net.Sockets;
using Lepton.Compute.Functions;

namespace Lepton.Compute.Tests.Functions;

public sealed class ClosureTests : IDisposable
{
    private readonly int _offset = 5;
    private readonly Socket? _connection = new(SocketType.Stream, ProtocolType.Tcp);

    private int Offset => _offset;

    public void Dispose() => _connection?.Dispose();

    [Fact]
    public void Send_StaticLambda_RunsThere() => Assert.Equal(42, Worker.Send(static (int x) => x * 2)(21));

    [Fact]
    public void Send_CapturedVariable_KeepsItsValue()
    {
        int factor = 3;
        string suffix = "!";
        Assert.Equal("12!", Worker.Send((int x) => (x * factor) + suffix)(4));
    }

    [Fact]
    public void Trap69_SocketCapturedByAnotherLambdaOfTheScope_IsNotSent()
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        int factor = 3;
        Func<int> other = () => socket.Available;
        Func<int, int> function = x => x * factor;
        Assert.Same(other.Target, function.Target);
        Assert.Equal(12, Worker.Send(function)(4));
        Assert.Throws<UnsendableException>(() => Worker.Send(other));
    }

    [Fact]
    public void Trap69_LargeArrayCapturedByAnotherLambdaOfTheScope_TakesNoBytes()
    {
        byte[] large = new byte[100_000];
        int factor = 3;
        Func<int> other = () => large.Length;
        Func<int, int> function = x => x * factor;
        Assert.Same(other.Target, function.Target);
        Assert.InRange(Worker.Encode(function).Length, 1, 400);
        Assert.InRange(Worker.Encode(other).Length, large.Length, large.Length + 400);
    }

    [Fact]
    public void Send_ThisWithUnusedSocket_SendsWhatTheLambdaReads()
    {
        Assert.NotNull(_connection);
        Assert.Equal(7, Worker.Send((int x) => x + _offset)(2));
        Assert.Equal(7, Worker.Send((int x) => x + Offset)(2));
        Assert.Equal(17, Worker.Send((int x) => Twice(x) + Offset + Deep(2))(2));
        int local = 100;
        Assert.Equal(107, Worker.Send((int x) => x + Offset + local)(2));
    }

    [Fact]
    public void Send_NestedScopes_FollowsTheChain()
    {
        int outer = 1;
        List<Func<int, int>> functions = [];
        for (int i = 0; i < 3; i++)
        {
            int inner = i * 10;
            functions.Add(x => x + inner + outer + _offset);
        }

        Assert.Equal([7, 17, 27], functions.Select(f => Worker.Send(f)(1)));
    }

    [Fact]
    public void Send_NestedScopeWithSocketOutside_IsNotSent()
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        int outer = 1;
        Func<int> other = () => socket.Available + outer;
        Func<int, int> function = Inner();
        Assert.Equal(111, Worker.Send(function)(10));
        Assert.NotNull(other);

        Func<int, int> Inner()
        {
            int inner = 100;
            return x => x + inner + outer;
        }
    }

    [Fact]
    public void Send_LambdaWithinLambda_SendsWhatTheInnerOneReads()
    {
        int a = 2;
        int b = 3;
        int[] items = [1, 2, 3];
        Func<int, int> function = x => items.Sum(i => items.Select(j => j * a).Sum() + (i * b) + x + _offset);
        Assert.Equal(function(1), Worker.Send(function)(1));
    }

    [Fact]
    public void Send_LocalFunctions_SendsWhatTheyRead()
    {
        int a = 2;
        int b = 3;
        Func<int, int> function = x => Outer(x) + Fixed(x);
        Assert.Equal(function(4), Worker.Send(function)(4));
        Assert.Equal(Outer(4), Worker.Send<Func<int, int>>(Outer)(4));

        int Outer(int x) => Inner(x) * a;
        int Inner(int x) => x + b + _offset;
        static int Fixed(int x) => x * 1000;
    }

    [Fact]
    public void Send_LocalFunctionOfTheLambda_SendsWhatItReads()
    {
        int a = 2;
        Func<int, int> function = x =>
        {
            int sum = 0;
            for (int i = 0; i < 3; i++)
            {
                Add(i);
            }

            return sum;

            void Add(int i) => sum += (i * a) + x + _offset;
        };
        Assert.Equal(function(4), Worker.Send(function)(4));
    }

    [Fact]
    public async Task Send_AsyncLambda_SendsWhatItReads()
    {
        int a = 2;
        Func<int, Task<int>> function = async x =>
        {
            await Task.Yield();
            int sum = x * a;
            foreach (int i in new[] { 1, 2 })
            {
                await Task.Yield();
                sum += i + Offset;
            }

            return sum + await AddAsync(a);
        };
        Assert.Equal(await function(4), await Worker.Send(function)(4));
        Assert.Equal(await AddAsync(1), await Worker.Send<Func<int, Task<int>>>(AddAsync)(1));
    }

    [Fact]
    public void Send_Iterators_SendWhatTheyRead()
    {
        int a = 2;
        Func<int, IEnumerable<int>> function = x => Count(x).Concat(CountFromOffset(x));
        Assert.Equal(function(3), Worker.Send(function)(3));
        Assert.Equal(Count(3), Worker.Send<Func<int, IEnumerable<int>>>(Count)(3));

        IEnumerable<int> Count(int n)
        {
            for (int i = 0; i < n; i++)
            {
                yield return i * a;
            }
        }
    }

    [Fact]
    public void Send_CapturedLambdas_CallEachOther()
    {
        int a = 2;
        Func<int, int> twice = x => x * a;
        Func<int, int> plus = x => twice(x) + _offset;
        Func<int, int> function = x => plus(twice(x));
        Assert.Equal(function(3), Worker.Send(function)(3));
    }

    [Fact]
    public void Send_RecursionByCapturedDelegate_FindsItself()
    {
        Func<int, int>? factorial = null;
        factorial = n => n <= 1 ? 1 : n * factorial!(n - 1);
        Assert.Equal(120, Worker.Send(factorial)(5));
    }

    [Fact]
    public void Send_MutualRecursion_FindsBoth()
    {
        Func<int, bool>? even = null;
        Func<int, bool>? odd = null;
        even = n => n == 0 || odd!(n - 1);
        odd = n => n != 0 && even(n - 1);
        Assert.True(Worker.Send(even)(10));
    }

    [Fact]
    public void Send_TableOfLambdasThatUsesItself_KeepsTheCycle()
    {
        Dictionary<string, Func<int, int>> table = [];
        table["twice"] = x => x * 2;
        table["four"] = x => table["twice"](table["twice"](x));
        Assert.Equal(12, Worker.Send(table["four"])(3));
    }

    [Fact]
    public void Copy_ArraySharedByTwoLambdas_StaysOne()
    {
        int[] shared = [1];
        Action<int> set = x => shared[0] = x;
        Func<int> get = () => shared[0];
        var (setCopy, getCopy) = Worker.Copy(Tuple.Create(set, get));
        setCopy(7);
        Assert.Equal(7, getCopy());
        Assert.Equal(1, get());
    }

    [Fact]
    public void Send_CapturedStruct_KeepsItsFields()
    {
        Span3 span = new(1, new DateOnly(2024, 2, 29), "x");
        KeyValuePair<string, int[]> pair = new("k", [1, 2]);
        (int A, string? B) tuple = (4, null);
        Func<int, string> function = x => $"{span.Total(x)} {span.Day} {pair.Key}{pair.Value[1]} {tuple}";
        Assert.Equal(function(5), Worker.Send(function)(5));
    }

    [Fact]
    public void Send_CapturedRecords_KeepTheirFields()
    {
        Order order = new(7, "seven", new Customer("Ada", Born: new DateTime(1815, 12, 10, 0, 0, 0, DateTimeKind.Utc)));
        Order[] orders = [order, order with { Id = 8 }, new Urgent(9, "nine", null, TimeSpan.FromHours(3))];
        Func<string> function = () => $"{order} {string.Join<Order>('/', orders)}";
        Assert.Equal(function(), Worker.Send(function)());
    }

    [Fact]
    public void Send_ThisThatEscapes_IsSentWhole()
    {
        Plain plain = new(3);
        Assert.Equal(13, Worker.Send(plain.Escaping())(10));
        Assert.Equal("plain 3", Worker.Send(plain.Describing())());
    }

    [Fact]
    public void Send_VirtualCallOnThis_SendsWhatTheOverrideReads()
    {
        Assert.Equal(1003, Worker.Send(new Derived(3).Virtual())(1));
        Assert.Equal(4, Worker.Send(new Plain(3).Virtual())(1));
        Assert.Equal(1004, Worker.Send(new Derived(3).ByInterface())(2));
    }

    [Fact]
    public void Send_ThisPassedToStaticMethod_SendsWhatThatReads()
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        Holder holder = new(socket, 3);
        Assert.Equal(5, Worker.Send(holder.ByStatic())(2));
        Assert.Equal(5, Worker.Send(holder.ByExtension())(2));
        Assert.Equal(5, Worker.Send(holder.ByDelegate())(2));
        Assert.Throws<UnsendableException>(() => Worker.Send(holder.ByList()));
    }

    [Fact]
    public void Send_PrimaryConstructorParameter_IsSent() => Assert.Equal(5, Worker.Send(new Primary(3).Add())(2));

    private static int Twice(int x) => x * 2;

    private int Deep(int depth) => depth == 0 ? _offset + 1 : Deep(depth - 1) + 1;

    private async Task<int> AddAsync(int x)
    {
        await Task.Yield();
        return x + _offset;
    }

    private IEnumerable<int> CountFromOffset(int n)
    {
        for (int i = 0; i < n; i++)
        {
            yield return i + _offset;
        }
    }

    private readonly record struct Span3(int A, DateOnly Day, string Name)
    {
        public int Total(int x) => A + x + Name.Length;
    }

    private record Order(int Id, string Name, Customer? Customer);

    private sealed record Urgent(int Id, string Name, Customer? Customer, TimeSpan Within) : Order(Id, Name, Customer);

    private sealed record Customer(string Name, DateTime Born);

    private interface IScored
    {
        int Score(int x);
    }

    private class Plain(int value) : IScored
    {
        protected int Value { get; } = value;

        public override string ToString() => $"plain {Value}";

        public virtual int Score(int x) => x + Value;

        public Func<int, int> Virtual() => x => Score(x);

        public Func<int, int> ByInterface() => x => ((IScored)this).Score(x);

        public Func<int, int> Escaping() => x => new List<Plain> { this }[0].Value + x;

        public Func<string> Describing() => () => $"{this}";
    }

    private sealed class Derived(int value) : Plain(value)
    {
        private readonly int _more = 999;

        public override int Score(int x) => base.Score(x) + _more;
    }

    private sealed class Primary(int amount)
    {
        public Func<int, int> Add() => x => x + amount;
    }
}

internal sealed class Holder(Socket socket, int amount)
{
    private readonly Socket _socket = socket;

    public int Amount { get; } = amount;

    public Func<int, int> ByStatic() => x => Add(this, x);

    public Func<int, int> ByExtension() => this.PlusAmount;

    public Func<int, int> ByDelegate() => x => new Func<int, int>(Plus)(x);

    public Func<int, int> ByList() => x => new List<Holder> { this }[0].Amount + x;

    public bool IsOpen() => _socket.Connected;

    private static int Add(Holder holder, int x) => holder.Amount + x;

    private int Plus(int x) => x + Amount;
}

internal static class HolderExtensions
{
    public static int PlusAmount(this Holder holder, int x) => holder.Amount + x;
}
