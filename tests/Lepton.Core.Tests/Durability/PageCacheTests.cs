using Lepton.Core.Durability;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Core.Tests.Durability;

public sealed class PageCacheTests
{
    [Fact]
    public void Drop_BytesJustWritten_AreReadAllTheSame()
    {
        string path = Path.GetTempFileName();
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            byte[] written = [.. Enumerable.Range(0, 20_000).Select(static i => (byte)i)];
            RandomAccess.Write(file, written, 0);
            PageCache.Drop(file, 0, written.Length);
            DurableFile.Fsync(file);
            PageCache.Drop(file, 5000, 10_000);
            byte[] read = new byte[written.Length];
            Assert.Equal(read.Length, RandomAccess.Read(file, read, 0));
            Assert.Equal(written, read);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
