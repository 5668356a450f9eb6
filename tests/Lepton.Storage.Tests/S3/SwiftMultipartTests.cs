namespace Lepton.Storage.Tests.S3;

public sealed class SwiftMultipartTests(SwiftFixture swift) : MultipartContract(swift);
