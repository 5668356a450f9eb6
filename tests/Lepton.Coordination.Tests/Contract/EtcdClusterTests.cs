using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>Against etcd.</summary>
public sealed class EtcdClusterTests(EtcdFixture etcd) : ClusterContract(etcd);
