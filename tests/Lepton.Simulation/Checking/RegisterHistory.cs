using System.Globalization;
using Lepton.Core.Randomness;

namespace Lepton.Simulation.Checking;

/// <summary>Makes histories of a register that is one, for tests of the checker.</summary>
internal static class RegisterHistory
{
    /// <summary>Each operation takes effect at a random time between its call and its answer; some answers are
    /// lost.</summary>
    public static List<Operation<RegisterInput, RegisterOutput>> Generate(SeededRandom random, int clients, int count)
    {
        List<(int Client, RegisterInput Input, long From, long At, long To)> plan = [];
        long[] free = new long[clients];
        for (int i = 0; i < count; i++)
        {
            int client = random.NextInt32(clients);
            long from = free[client] + random.NextInt32(5);
            long at = from + random.NextInt32(20);
            long to = at + random.NextInt32(20);
            free[client] = to + 1;
            plan.Add((client, NextInput(random, i), from, at, to));
        }

        RegisterModel model = new();
        string state = model.Initial;
        List<Operation<RegisterInput, RegisterOutput>> history = [];
        foreach ((int client, RegisterInput input, long from, _, long to) in plan.OrderBy(step => step.At))
        {
            RegisterOutput output = Answer(state, input);
            // A lost answer: half of these took effect, half did not.
            bool isLost = random.NextInt32(10) == 0;
            if (!isLost || random.NextInt32(2) == 0)
            {
                state = model.Step(state, input, output).Next;
            }

            history.Add(new(client, input, isLost ? null : output, from, to));
        }

        return history;
    }

    /// <summary>Changes one answer into a value that nobody wrote; -1 where the history has no read with an
    /// answer.</summary>
    public static int PlantReadOfNothing(List<Operation<RegisterInput, RegisterOutput>> history, SeededRandom random)
    {
        List<int> reads = [.. Enumerable.Range(0, history.Count)
            .Where(i => history[i] is { Input: RegisterInput.Get, Output: not null })];
        if (reads.Count == 0)
        {
            return -1;
        }

        int chosen = reads[random.NextInt32(reads.Count)];
        history[chosen] = history[chosen] with { Output = new RegisterOutput("never written", false) };
        return chosen;
    }

    private static RegisterInput NextInput(SeededRandom random, int number)
    {
        string value = number.ToString(CultureInfo.InvariantCulture);
        return random.NextInt32(5) switch
        {
            0 or 1 => new RegisterInput.Get(),
            2 => new RegisterInput.Put(value),
            3 => new RegisterInput.Delete(),
            _ => new RegisterInput.CompareAndSet(
                random.NextInt32(2) == 0 ? null : random.NextInt32(number + 1).ToString(CultureInfo.InvariantCulture),
                    value),
        };
    }

    private static RegisterOutput Answer(string state, RegisterInput input)
    {
        string? value = state.Length == 0 ? null : state;
        return input switch
        {
            RegisterInput.Get => new RegisterOutput(value, false),
            RegisterInput.Delete => new RegisterOutput(null, value is not null),
            RegisterInput.CompareAndSet cas => new RegisterOutput(null, cas.Expected == value),
            _ => new RegisterOutput(null, false),
        };
    }
}
