using Lepton.Objects;
using Lepton.Objects.Tests;

namespace Lepton.Compute.Tests.Objects;

/// <summary>
/// A real store with faults before it, to which this process's environment points, as that of its workers does.
/// </summary>
public sealed class SharedStore : IAsyncLifetime
{
    private readonly StoreFixture _store = new();
    private readonly Dictionary<string, string?> _before = [];
    private FaultyStore? _faults;

    internal FaultyStore Faults => _faults!;

    /// <summary>The store itself, past the faults.</summary>
    internal ObjectClient Objects { get; private set; } = null!;

    internal string Secret => _store.Address.Secret!;

    internal string KeyId => _store.Address.KeyId!;

    /// <summary>What points to the store, with its faults.</summary>
    internal Dictionary<string, string> Variables => new(_store.Variables)
    {
        ["AWS_ENDPOINT_URL"] = Faults.Address.GetLeftPart(UriPartial.Authority),
    };

    /// <summary>What points to the store with a key that may only read.</summary>
    internal async Task<Dictionary<string, string>> ReaderAsync()
    {
        StoreAddress reader = await _store.NewReaderAsync();
        return new Dictionary<string, string>(Variables)
        {
            ["AWS_ACCESS_KEY_ID"] = reader.KeyId!, ["AWS_SECRET_ACCESS_KEY"] = reader.Secret!,
        };
    }

    /// <summary>A folder that no other test has.</summary>
    internal async Task<ObjectUrl> NewFolderAsync() => (await _store.NewPlaceAsync()).AsFolder();

    public async ValueTask InitializeAsync()
    {
        await _store.InitializeAsync();
        _faults = await FaultyStore.StartAsync(_store.Address.Endpoint!);
        Objects = new ObjectClient(_store.Address);
        foreach ((string name, string value) in Variables)
        {
            _before[name] = Environment.GetEnvironmentVariable(name);
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach ((string name, string? value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        Objects.Dispose();
        await _faults!.DisposeAsync();
        await _store.DisposeAsync();
    }
}
