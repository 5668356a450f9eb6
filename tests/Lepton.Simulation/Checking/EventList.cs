namespace Lepton.Simulation.Checking;

/// <summary>
/// The calls and answers of a history in the order of time, as a doubly linked list, so that an operation can be lifted
/// out and put back in constant time ("dancing links"). Calls of operations without an answer have no second event.
/// </summary>
internal sealed class EventList
{
    private const int None = -1;
    private readonly int[] _operation;
    private readonly bool[] _isCall;
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly int[] _callOf;
    private readonly int[] _answerOf;

    public EventList(long[] invokedAt, long?[] returnedAt)
    {
        // Of events at one time calls come first: the operations overlap.
        (long At, bool IsCall, int Operation)[] events =
        [
            .. invokedAt.Select((at, operation) => (at, true, operation))
                .Concat(returnedAt.Select((at, operation) => (at ?? 0, false, operation))
                    .Where(answer => returnedAt[answer.operation] is not null))
                .OrderBy(e => e.Item1).ThenByDescending(e => e.Item2).ThenBy(e => e.operation),
        ];
        _operation = [.. events.Select(e => e.Operation)];
        _isCall = [.. events.Select(e => e.IsCall)];
        _next = [.. Enumerable.Range(1, events.Length).Select(i => i < events.Length ? i : None)];
        _previous = [.. Enumerable.Range(0, events.Length).Select(i => i - 1)];
        _callOf = new int[invokedAt.Length];
        _answerOf = new int[invokedAt.Length];
        Array.Fill(_answerOf, None);
        for (int i = 0; i < events.Length; i++)
        {
            (events[i].IsCall ? _callOf : _answerOf)[events[i].Operation] = i;
        }

        First = events.Length > 0 ? 0 : None;
    }

    /// <summary>The first event, or -1.</summary>
    public int First { get; private set; }

    public bool IsCall(int at) => _isCall[at];

    public int OperationAt(int at) => _operation[at];

    public int CallOf(int operation) => _callOf[operation];

    public int Next(int at) => _next[at];

    public void Lift(int operation)
    {
        Unlink(_callOf[operation]);
        if (_answerOf[operation] != None)
        {
            Unlink(_answerOf[operation]);
        }
    }

    /// <summary>Undoes the last <see cref="Lift"/> that was not undone yet.</summary>
    public void PutBack(int operation)
    {
        if (_answerOf[operation] != None)
        {
            Link(_answerOf[operation]);
        }

        Link(_callOf[operation]);
    }

    private void Unlink(int at)
    {
        if (_previous[at] == None)
        {
            First = _next[at];
        }
        else
        {
            _next[_previous[at]] = _next[at];
        }

        if (_next[at] != None)
        {
            _previous[_next[at]] = _previous[at];
        }
    }

    private void Link(int at)
    {
        if (_previous[at] == None)
        {
            First = at;
        }
        else
        {
            _next[_previous[at]] = at;
        }

        if (_next[at] != None)
        {
            _previous[_next[at]] = at;
        }
    }
}
