namespace Lepton.Analyzers.Tests.Capturing;

public sealed class UnsendableTests
{
    private const string CreateInside =
        "Create it inside the lambda, in SelectPartition once per partition, or copy the values you need into a local.";

    [Fact]
    public void Capture_Local_NamesVariableTypeAndFix() => Assert.Equal(
        [
            "The lambda passed to 'Select' captures 'client' of type 'HttpClient', which can't be sent to a worker. " +
            "A connection lives in one process only. " + CreateInside,
        ],
        Snippet.OfStatements("var client = new HttpClient(); rows.Select(x => [|client|].GetHashCode() + x);")
            .Check("LPT001"));

    [Theory]
    [InlineData("System.Net.Sockets.Socket")]
    [InlineData("FileStream")]
    [InlineData("StreamReader")]
    [InlineData("HttpClient")]
    [InlineData("System.Data.Common.DbConnection")]
    [InlineData("System.Data.IDbCommand")]
    [InlineData("Task<int>")]
    [InlineData("ValueTask<int>")]
    [InlineData("Thread")]
    [InlineData("CancellationTokenSource")]
    [InlineData("CancellationToken")]
    [InlineData("Microsoft.Win32.SafeHandles.SafeFileHandle")]
    [InlineData("Timer")]
    [InlineData("System.Timers.Timer")]
    [InlineData("SemaphoreSlim")]
    [InlineData("Lock")]
    [InlineData("Mutex")]
    [InlineData("ReaderWriterLockSlim")]
    [InlineData("IEnumerator<int>")]
    [InlineData("List<int>.Enumerator")]
    [InlineData("IAsyncEnumerable<int>")]
    [InlineData("IntPtr")]
    [InlineData("Process")]
    [InlineData("Random")]
    [InlineData("ThreadLocal<int>")]
    [InlineData("WeakReference<string>")]
    [InlineData("ConcurrentDictionary<int, int>")]
    [InlineData("System.Text.Json.JsonDocument")]
    [InlineData("IDisposable")]
    [InlineData("IAsyncDisposable")]
    [InlineData("Stream[]")]
    [InlineData("List<Stream>")]
    [InlineData("Dictionary<string, Task>")]
    [InlineData("(int, Stream)")]
    public void Capture_Parameter_Found(string type) => Assert.Single(Snippet.OfMembers(
        $"void Run(Dataset<int> rows, {type} it) {{ rows.Select(x => [|it|].GetHashCode() + x); }}").Check("LPT001"));

    [Theory]
    [InlineData("int")]
    [InlineData("string")]
    [InlineData("double[]")]
    [InlineData("List<string>")]
    [InlineData("Dictionary<string, int[]>")]
    [InlineData("IReadOnlyList<int>")]
    [InlineData("IEnumerable<int>")]
    [InlineData("(int, string)")]
    [InlineData("int?")]
    [InlineData("DateTime")]
    [InlineData("Guid")]
    [InlineData("Uri")]
    [InlineData("Func<int, int>")]
    [InlineData("IComparer<int>")]
    [InlineData("System.Text.RegularExpressions.Regex")]
    [InlineData("System.Globalization.CultureInfo")]
    [InlineData("System.Collections.Immutable.ImmutableArray<int>")]
    [InlineData("Type")]
    [InlineData("object")]
    public void Capture_SendableParameter_NotMarked(string type) => Assert.Empty(Snippet.OfMembers(
        $"void Run(Dataset<int> rows, {type} it) {{ rows.Select(x => it.ToString() + x); }}").Check("LPT001"));

    [Fact]
    public void Capture_Dataset_AdvisesJoin()
    {
        var message = Assert.Single(Snippet.OfMembers("""
            void Run(Dataset<int> rows, Dataset<int> others) { rows.Select(x => [|others|].First() + x); }
            """).Check("LPT001"));

        Assert.Equal(
            "The lambda passed to 'Select' captures 'others' of type 'Dataset<int>', which can't be sent to a " +
            "worker. A data set is a plan that only the driver program can run. Use Join or Union to bring two " +
            "together, or collect the small one into a list first and capture the list.",
            message);
    }

    [Fact]
    public void Capture_Session_Found() => Assert.Contains(
        "A session belongs to the driver program.",
        Assert.Single(Snippet.OfMembers("""
            void Run(Dataset<int> rows, LeptonSession session) { rows.Select(x => [|session|].Range(x).First()); }
            """).Check("LPT001")),
        StringComparison.Ordinal);

    [Fact]
    public void Capture_DatasetInNestedOperator_FoundOnce() => Assert.Single(Snippet.OfMembers("""
        void Run(Dataset<int> rows, Dataset<int> others)
        {
            rows.Select(x => [|others|].Where(y => y == x).Union(others).First());
        }
        """).Check("LPT001"));

    [Fact]
    public void Capture_TypeMarkedByLepton_GivesItsReason() => Assert.EndsWith(
        "which can't be sent to a worker. It stays at home. Leave it there.",
        Assert.Single(Snippet.OfMembers("""
            void Run(Dataset<int> rows, Broadcaster it) { rows.Select(x => [|it|].ToString()); }
            """).Check("LPT001")),
        StringComparison.Ordinal);

    [Fact]
    public void Capture_FieldOfThis_Found() => Assert.StartsWith(
        "The lambda passed to 'Where' captures 'this._log' of type 'StreamWriter'",
        Assert.Single(Snippet.OfStatements(
            "rows.Where(x => { [|_log|].WriteLine(x); return x > _least; });",
            "StreamWriter _log; int _least;").Check("LPT001")),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("Stream Input { get; set; }", "'this.Input'")]
    [InlineData("Stream Input => _input; Stream _input;", "'this._input' (through 'Input')")]
    public void Capture_PropertyOfThis_Found(string members, string name) => Assert.Contains(
        name,
        Assert.Single(Snippet.OfStatements("rows.Select(x => [|Input|].ReadByte());", members).Check("LPT001")),
        StringComparison.Ordinal);

    [Fact]
    public void Capture_OtherMembersOfThis_NotMarked() => Assert.Empty(Snippet.OfStatements(
        "rows.Select(x => x + _shift + Shift + Twice(x) + s_all.GetHashCode() + Limit);",
        """
        Stream _input; static readonly Stream s_all; const int Limit = 3; int _shift; int Shift { get; }
        int Twice(int x) => 2 * x;
        int Read() => _input.ReadByte();
        """).Check("LPT001"));

    [Fact]
    public void Capture_ThroughMethodOfThis_MarksCall() => Assert.StartsWith(
        "The lambda passed to 'Select' captures 'this._input' (through 'Read') of type 'Stream'",
        Assert.Single(Snippet.OfStatements(
            "rows.Select(x => [|Read()|]);", "Stream _input; int Read() => _input.ReadByte();").Check("LPT001")),
        StringComparison.Ordinal);

    [Fact]
    public void Capture_ThroughLocalFunction_MarksCall() => Assert.StartsWith(
        "The lambda passed to 'Select' captures 'input' (through 'Read') of type 'FileStream'",
        Assert.Single(Snippet.OfStatements("""
            var input = File.OpenRead("x"); int Read() => input.ReadByte(); rows.Select(x => [|Read()|] + x);
            """).Check("LPT001")),
        StringComparison.Ordinal);

    [Fact]
    public void Capture_WholeThis_GivesPath() => Assert.StartsWith(
        "The lambda passed to 'Select' captures 'this → _input' of type 'Stream'",
        Assert.Single(Snippet.OfStatements(
            "rows.Select(x => Describe([|this|]));", "Stream _input; static string Describe(object o) => \"\";")
            .Check("LPT001")),
        StringComparison.Ordinal);

    [Fact]
    public void Capture_ObjectThatHoldsConnection_GivesPath() => Assert.StartsWith(
        "The lambda passed to 'Select' captures 'service → Inner → _client' of type 'HttpClient'",
        Assert.Single(Snippet.OfStatements(
            "var service = new Service(); rows.Select(x => [|service|].Name + x);",
            """
            class Service { public string Name; public Inside Inner { get; } = new(); }
            class Inside { HttpClient _client = new(); [NonSerialized] Stream _scratch; Inside _next; }
            """).Check("LPT001")),
        StringComparison.Ordinal);

    [Fact]
    public void Capture_NonSerializedField_NotMarked() => Assert.Empty(Snippet.OfStatements(
        "var service = new Service(); rows.Select(x => service.Name + x);",
        "class Service { public string Name; [NonSerialized] Stream _scratch; Service _next; }").Check("LPT001"));

    [Fact]
    public void Capture_DisposableOfUser_Found() => Assert.Contains(
        "'Pool', which can't be sent to a worker. It is disposable, so it holds something of this process.",
        Assert.Single(Snippet.OfStatements(
            "var pool = new Pool(); rows.Select(x => [|pool|].ToString());",
            "class Pool : IDisposable { public void Dispose() { } }").Check("LPT001")),
        StringComparison.Ordinal);

    [Fact]
    public void Capture_TypeAllowedByOption_NotMarked() => Assert.Empty(Snippet.OfStatements(
        "var pool = new Pool(); rows.Select(x => pool.ToString());",
        "class Pool : IDisposable { public void Dispose() { } }")
        .With("lepton_sendable_types", "Other.Type, Program.Pool").Check("LPT001"));

    [Fact]
    public void Capture_SameVariableTwice_MarkedOnce() => Assert.Single(Snippet.OfMembers("""
        void Run(Dataset<int> rows, Stream s) { rows.Select(x => [|s|].ReadByte() + s.ReadByte()); }
        """).Check("LPT001"));

    [Fact]
    public void Capture_TwoVariables_BothMarked() => Assert.Equal(2, Snippet.OfMembers("""
        void Run(Dataset<int> rows, Stream s, Task t) { rows.Select(x => [|s|].ReadByte() + [|t|].Id); }
        """).Check("LPT001").Count);

    [Fact]
    public void Capture_PrimaryConstructorParameter_Found() => Assert.Single(Snippet.OfMembers("""
        class Job(Stream input) { public void Run(Dataset<int> rows) => rows.Select(x => [|input|].ReadByte()); }
        """).Check("LPT001"));

    [Fact]
    public void Capture_OfTypeParameter_JudgedByConstraint() => Assert.Single(Snippet.OfMembers("""
        void Run<TStream, TAny>(Dataset<int> rows, TStream s, TAny a) where TStream : Stream
        {
            rows.Select(x => [|s|].ReadByte() + a.GetHashCode());
        }
        """).Check("LPT001"));

    [Fact]
    public void Create_InsideTheLambda_NotMarked() => Assert.Empty(Snippet.OfStatements("""
        rows.SelectPartition(part =>
        {
            using var client = new HttpClient();
            int Get(int x) => x + client.Timeout.Seconds;
            return part.Select(x => Get(x) + client.Timeout.Seconds).ToList();
        });
        """).Check("LPT001"));
}
