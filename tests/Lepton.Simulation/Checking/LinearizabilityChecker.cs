using System.Globalization;
using System.Text;

namespace Lepton.Simulation.Checking;

/// <summary>
/// Looks for an order of a history's operations that respects time and explains every answer (Wing and Gong, "Testing
/// and verifying concurrent objects", with the memoisation of Lowe, "Testing for linearizability": a set of operations
/// with the state that they lead to is tried once). Exponential in the number of operations that overlap, so histories
/// are cut by key first.
/// </summary>
public static class LinearizabilityChecker
{
    /// <summary>Checks one history.</summary>
    /// <param name="model">What the object does.</param>
    /// <param name="history">All operations, in any order.</param>
    /// <param name="stepsMax">How many steps of the search are tried before it is given up.</param>
    public static LinearizabilityReport Check<TState, TInput, TOutput>(
        ISequentialModel<TState, TInput, TOutput> model,
        IEnumerable<Operation<TInput, TOutput>> history,
        long stepsMax = 20_000_000)
        where TState : notnull
        where TInput : notnull
        where TOutput : class
    {
        List<Operation<TInput, TOutput>> operations = [.. history];
        return new Search<TState, TInput, TOutput>(model, operations, stepsMax).Run();
    }

    private sealed class Search<TState, TInput, TOutput>
        where TState : notnull
        where TInput : notnull
        where TOutput : class
    {
        private readonly ISequentialModel<TState, TInput, TOutput> _model;
        private readonly List<Operation<TInput, TOutput>> _operations;
        private readonly long _stepsMax;
        private readonly EventList _events;
        private readonly HashSet<(OperationSet Done, TState State)> _tried = [];
        private readonly Stack<(int Operation, bool WithOpen, TState Before)> _chosen = new();
        private readonly int[] _twin;
        private readonly int _answered;
        private int[] _longest = [];
        private TState _state;
        private OperationSet _done;
        private int _answeredDone;

        public Search(
            ISequentialModel<TState, TInput, TOutput> model, List<Operation<TInput, TOutput>> operations, long stepsMax)
        {
            _model = model;
            _operations = operations;
            _stepsMax = stepsMax;
            _answered = operations.Count(operation => operation.Output is not null);
            _events = new EventList(
                [.. operations.Select(operation => operation.InvokedAt)],
                [.. operations.Select(operation => operation.Output is null ? (long?)null : operation.ReturnedAt)]);
            _twin = Twins(operations);
            _state = model.Initial;
            _done = new OperationSet(operations.Count);
        }

        public LinearizabilityReport Run()
        {
            // Operations without an answer fit almost anywhere, so they are tried last: only where none with an answer
            // leads on.
            int at = _events.First;
            bool withOpen = false;
            for (long steps = 0; _answeredDone < _answered; steps++)
            {
                if (steps >= _stepsMax)
                {
                    return new LinearizabilityReport(Verdict.Undecided,
                        $"Given up after {steps} steps over {_operations.Count} operations. Use fewer clients a key.");
                }

                if (at >= 0 && _events.IsCall(at))
                {
                    int operation = _events.OperationAt(at);
                    bool isChosen = IsCandidate(operation, withOpen) && Choose(operation, withOpen);
                    at = isChosen ? _events.First : _events.Next(at);
                    withOpen &= !isChosen;
                }
                else if (!withOpen)
                {
                    (at, withOpen) = (_events.First, true);
                }
                else if (_chosen.Count == 0)
                {
                    return new LinearizabilityReport(Verdict.Violation, Explain());
                }
                else
                {
                    // An answer, or the end, came before every operation that could have given it: take back the last
                    // choice and try the one after it.
                    (at, withOpen) = TakeBack();
                }
            }

            return new LinearizabilityReport(Verdict.Linearizable, "");
        }

        /// <summary>
        /// For each operation without an answer, the one before it that asked for the same; -1 for none. Nothing tells
        /// the two apart but that the earlier one can take effect earlier, so the later one is tried only after it.
        /// </summary>
        private static int[] Twins(List<Operation<TInput, TOutput>> operations)
        {
            int[] twin = new int[operations.Count];
            Array.Fill(twin, -1);
            Dictionary<TInput, int> last = [];
            foreach (int i in Enumerable.Range(0, operations.Count)
                .Where(i => operations[i].Output is null).OrderBy(i => operations[i].InvokedAt))
            {
                twin[i] = last.GetValueOrDefault(operations[i].Input, -1);
                last[operations[i].Input] = i;
            }

            return twin;
        }

        private bool IsCandidate(int operation, bool withOpen) =>
            _operations[operation].Output is null == withOpen &&
            (_twin[operation] < 0 || _done.Contains(_twin[operation]));

        private bool Choose(int operation, bool withOpen)
        {
            Operation<TInput, TOutput> candidate = _operations[operation];
            (bool isRight, TState next) = _model.Step(_state, candidate.Input, candidate.Output);
            if (!isRight || (withOpen && next.Equals(_state)) || IsBlindTo(candidate, next))
            {
                return false;
            }

            OperationSet done = _done.With(operation);
            if (!_tried.Add((done, next)))
            {
                return false;
            }

            _chosen.Push((operation, withOpen, _state));
            (_state, _done) = (next, done);
            _answeredDone += candidate.Output is null ? 0 : 1;
            _events.Lift(operation);
            return true;
        }

        /// <summary>
        /// Whether the last choice is one without an answer that this operation does not see: then the same order
        /// without it explains as much, and is tried there too.
        /// </summary>
        private bool IsBlindTo(Operation<TInput, TOutput> candidate, TState next) =>
            _chosen.TryPeek(out (int Operation, bool WithOpen, TState Before) last) && last.WithOpen &&
            _model.Step(last.Before, candidate.Input, candidate.Output) is (true, TState without) &&
            without.Equals(next);

        private (int At, bool WithOpen) TakeBack()
        {
            if (_chosen.Count > _longest.Length)
            {
                _longest = [.. _chosen.Reverse().Select(choice => choice.Operation)];
            }

            (int operation, bool withOpen, TState before) = _chosen.Pop();
            _state = before;
            _done = _done.Without(operation);
            _answeredDone -= _operations[operation].Output is null ? 0 : 1;
            _events.PutBack(operation);
            return (_events.Next(_events.CallOf(operation)), withOpen);
        }

        private string Explain()
        {
            const int Shown = 12;
            StringBuilder text = new();
            text.Append(CultureInfo.InvariantCulture,
                $"No order explains these {_operations.Count} operations. The longest one explains {_longest.Length}:");
            TState state = _model.Initial;
            for (int i = 0; i < _longest.Length; i++)
            {
                Operation<TInput, TOutput> operation = _operations[_longest[i]];
                state = _model.Step(state, operation.Input, operation.Output).Next;
                if (i >= _longest.Length - Shown)
                {
                    Append(text, operation).Append(" -> ").Append(state);
                }
            }

            text.AppendLine().Append("Then none of these fits:");
            foreach (int i in Enumerable.Range(0, _operations.Count).Except(_longest)
                .OrderBy(i => _operations[i].InvokedAt).Take(Shown))
            {
                Append(text, _operations[i]);
            }

            return text.ToString();
        }

        private static StringBuilder Append(StringBuilder text, Operation<TInput, TOutput> operation) =>
            text.AppendLine().Append(CultureInfo.InvariantCulture,
                $"  client {operation.Client}: {operation.Input} = {operation.Output?.ToString() ?? "unknown"} " +
                $"[{operation.InvokedAt}, {(operation.Output is null ? "…" : operation.ReturnedAt)}]");
    }
}
