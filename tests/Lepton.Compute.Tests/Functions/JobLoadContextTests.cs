using System.Reflection;
using System.Runtime.Loader;
using Lepton.Compute.Functions;
using Lepton.Core.Records;

namespace Lepton.Compute.Tests.Functions;

public sealed class JobLoadContextTests
{
    private static readonly Assembly s_own = typeof(JobLoadContextTests).Assembly;
    private static readonly string s_name = s_own.GetName().Name!;

    [Theory]
    [InlineData(null)]
    [InlineData("Lepton.Compute.Tests.dll")]
    public void Resolve_AssemblyOfTheJob_IsLoadedFromItsDirectory(string? entryAssembly)
    {
        JobLoadContext context = new(AppContext.BaseDirectory, entryAssembly);
        Assembly job = context.Resolve(s_name, s_own.ManifestModule.ModuleVersionId);
        Assert.NotSame(s_own, job);
        Assert.Same(context, AssemblyLoadContext.GetLoadContext(job));
        Assembly package = context.Resolve("FsCheck", Guid.Empty);
        Assert.Same(context, AssemblyLoadContext.GetLoadContext(package));
    }

    [Fact]
    public void Resolve_AssembliesOfTheWorker_AreShared()
    {
        JobLoadContext context = new(AppContext.BaseDirectory);
        Assert.Same(typeof(GraphEncoder).Assembly, context.Resolve("Lepton.Compute", Guid.Empty));
        Assert.Same(typeof(RecordCodec).Assembly, context.Resolve("Lepton.Core", Guid.Empty));
        Assert.Same(typeof(object).Assembly, context.Resolve("System.Private.CoreLib", Guid.Empty));
        Assert.Same(typeof(Enumerable).Assembly, context.Resolve("System.Linq", Guid.Empty));
        Assembly job = context.Resolve(s_name, Guid.Empty);
        Type step = job.GetType(typeof(EncodingTests.Step).FullName!)!;
        FieldInfo id = step.GetField("_id", BindingFlags.Instance | BindingFlags.NonPublic)!;
        Assert.NotNull(id.GetCustomAttribute<NotSentAttribute>());
    }

    [Fact]
    public void Resolve_OtherBuild_IsRefused()
    {
        JobLoadContext context = new(AppContext.BaseDirectory);
        Guid sent = new("01234567-0123-0123-0123-0123456789ab");
        ModuleMismatchException refused = Assert.Throws<ModuleMismatchException>(() => context.Resolve(s_name, sent));
        Assert.StartsWith(
            $"The worker loaded {s_name}.dll with module version {s_own.ManifestModule.ModuleVersionId}, but the " +
            $"driver sent {sent}: they are different builds. Rebuild the program and start the job again",
            refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_MissingAssembly_SaysWhereItWasSought()
    {
        DirectoryInfo empty = Directory.CreateTempSubdirectory("lepton-test-");
        try
        {
            JobLoadContext context = new(empty.FullName);
            ModuleMismatchException refused =
                Assert.Throws<ModuleMismatchException>(() => context.Resolve("No.Such.Library", Guid.Empty));
            Assert.StartsWith(
                $"The worker can't load No.Such.Library.dll from {empty.FullName}: ", refused.Message,
                StringComparison.Ordinal);
            Assert.Contains("Workers need the driver's whole build output", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            empty.Delete(recursive: true);
        }
    }

    [Fact]
    public void Resolve_InProcessOtherBuild_IsRefused()
    {
        Guid sent = new("01234567-0123-0123-0123-0123456789ab");
        ModuleMismatchException refused =
            Assert.Throws<ModuleMismatchException>(() => new InProcessModules().Resolve(s_name, sent));
        Assert.StartsWith(
            $"This process has not loaded {s_name} with module version {sent}", refused.Message,
            StringComparison.Ordinal);
    }
}
