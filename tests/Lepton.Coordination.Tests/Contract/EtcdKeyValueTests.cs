using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>Against etcd.</summary>
public sealed class EtcdKeyValueTests(EtcdFixture etcd) : KeyValueContract(etcd);
