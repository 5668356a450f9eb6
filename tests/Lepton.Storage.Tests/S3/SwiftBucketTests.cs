namespace Lepton.Storage.Tests.S3;

public sealed class SwiftBucketTests(SwiftFixture swift) : BucketContract(swift);
