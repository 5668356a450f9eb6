namespace Lepton.Storage.Tests.S3;

public sealed class SwiftObjectTests(SwiftFixture swift) : ObjectContract(swift);
