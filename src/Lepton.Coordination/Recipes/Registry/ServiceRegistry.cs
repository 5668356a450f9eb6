using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes.Registry;

namespace Lepton.Coordination.Recipes;

/// <summary>Who offers which service, and where: instances register, others look them up or follow them. Thread
/// safe.</summary>
/// <remarks>
/// <para>
/// <b>Promised.</b> An instance is listed while its process keeps its lease alive, and gone when the lease's time is
/// over. One that lost its lease but lives registers again by itself. Two instances with one id are refused. Who
/// follows a service sees every state that it was in for longer than a moment, in order, and never one from before.
/// </para>
/// <para>
/// <b>Not promised.</b> That who is listed answers: a dead instance is listed up to its lease's time. Who calls it must
/// expect that.
/// </para>
/// <para>
/// Keys: <c>PREFIX/SERVICE/ID</c> with JSON (<c>address</c>, <c>metadata</c>). Sources: etcd's <c>naming</c> package;
/// Curator's service discovery.
/// </para>
/// </remarks>
public sealed class ServiceRegistry
{
    private readonly CoordinationClient _client;
    private readonly string _prefix;
    private readonly GivenUpLeases _givenUp = new();

    /// <summary>A registry.</summary>
    /// <param name="client">Must outlive the registrations.</param>
    /// <param name="prefix">Where it keeps its keys.</param>
    public ServiceRegistry(CoordinationClient client, string prefix = "services")
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        (_client, _prefix) = (client, prefix);
    }

    /// <summary>Registers an instance for as long as the registration is not disposed, and this process
    /// lives.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="options">Its lease; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">A name is empty or holds a <c>/</c>.</exception>
    /// <exception cref="InvalidOperationException">Another process has registered this id, and lives.</exception>
    /// <exception cref="CoordinationException">The servers can't be reached, or refuse.</exception>
    public Task<ServiceRegistration> RegisterAsync(
        ServiceInstance instance, LeaseSessionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(instance);
        Bytes key = PrefixOf(instance.Service).Append(CheckName(instance.Id, nameof(instance)));
        return ServiceRegistration.StartAsync(
            _client, instance, key, ToValue(instance), options, _givenUp, cancellationToken);
    }

    /// <summary>Lists the instances of a service.</summary>
    /// <exception cref="CoordinationException">The read failed.</exception>
    public async Task<ServiceView> FindAsync(string service, CancellationToken cancellationToken = default)
    {
        Bytes prefix = PrefixOf(service);
        RangeResult result = await _client.RangeAsync(KeyRange.Prefix(prefix), null, cancellationToken)
            .ConfigureAwait(false);
        return ToView(service, prefix, result.Revision, result.Entries);
    }

    /// <summary>Tells the instances of a service: those there are now, and then whenever any changes.</summary>
    /// <param name="service">The service.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CoordinationException">The servers refuse, or could not be read for longer than a call may
    /// take.</exception>
    public async IAsyncEnumerable<ServiceView> FollowAsync(
        string service, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Bytes prefix = PrefixOf(service);
        await foreach (RangeState state in RangeFollower.FollowAsync(
            _client, KeyRange.Prefix(prefix), cancellationToken).ConfigureAwait(false))
        {
            yield return ToView(service, prefix, state.Revision, state.Entries.Values);
        }
    }

    private static Bytes ToValue(ServiceInstance instance) => JsonSerializer.SerializeToUtf8Bytes(
        new InstanceRecord(instance.Address, instance.Metadata.Count > 0 ? instance.Metadata : null),
        InstanceJson.Default.InstanceRecord);

    private static ServiceView ToView(
        string service, Bytes prefix, Revision revision, IEnumerable<KeyValue> entries) =>
        new(revision, [.. entries.Select(entry => ToInstance(service, prefix, entry))]);

    private static ServiceInstance ToInstance(string service, Bytes prefix, KeyValue entry)
    {
        try
        {
            InstanceRecord record = JsonSerializer.Deserialize(entry.Value.Span, InstanceJson.Default.InstanceRecord) ??
                throw new JsonException("null is no instance");
            return new ServiceInstance(
                service, new Bytes(entry.Key.Memory[prefix.Length..]).ToString(), record.Address)
            {
                Metadata = (record.Metadata ?? ImmutableSortedDictionary<string, string>.Empty)
                    .ToImmutableSortedDictionary(StringComparer.Ordinal),
            };
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"'{entry.Key}' holds '{entry.Value}' where the registry keeps JSON with an address. Something else " +
                "writes this key: give the registry another prefix, or delete the key.", e);
        }
    }

    private Bytes PrefixOf(string service) => $"{_prefix}/{CheckName(service, nameof(service))}/";

    private static string CheckName(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameter);
        return name.Contains('/', StringComparison.Ordinal)
            ? throw new ArgumentException(
                $"'{name}' holds a '/', which parts names in the store. Leave it out.", parameter)
            : name;
    }
}
