namespace Lepton.Compute.Tests.Faults;

/// <summary>An exception of a user: a type of this assembly, with fields of its own.</summary>
public sealed class LedgerException(string account, decimal missing, int[] entries, Exception? inner = null)
    : Exception($"account {account} lacks {missing}", inner)
{
    public string Account { get; } = account;

    public decimal Missing { get; } = missing;

    public IReadOnlyList<int> Entries => _entries;

    private readonly int[] _entries = entries;
}
