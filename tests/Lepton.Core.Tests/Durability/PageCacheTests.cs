using System.Runtime.InteropServices;
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

    [Theory]
    [InlineData(5000, 10, false, true)]
    [InlineData(PageCache.GrainBytes - 5, 10, false, false)]
    [InlineData(PageCache.GrainBytes, 10, true, false)]
    public void Drop_Bytes_WhatIsKeptAsOneWithThemIsForgotten(long offset, long length, bool keepsFirst, bool keepsNext)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux is asked to forget.");
        string path = Path.GetTempFileName();
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            Fill(file);
            PageCache.Drop(file, 0, 2 * PageCache.GrainBytes);
            Assert.SkipWhen(
                Remembered(file).Contains(true), $"The file system of {path} remembers all: it may be in memory.");

            Fill(file);
            Assert.All(Remembered(file), Assert.True);
            PageCache.Drop(file, offset, length);
            bool[] remembered = Remembered(file);
            Assert.All(remembered[..(remembered.Length / 2)], one => Assert.Equal(keepsFirst, one));
            Assert.All(remembered[(remembered.Length / 2)..], one => Assert.Equal(keepsNext, one));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Fill(SafeFileHandle file)
    {
        RandomAccess.Write(file, new byte[2 * PageCache.GrainBytes], 0);
        DurableFile.Fsync(file);
    }

    // Which pages of a file the system has in memory; to map them reads none.
    private static bool[] Remembered(SafeFileHandle file)
    {
        const int Read = 1;
        const int Shared = 1;
        nint length = (nint)(2 * PageCache.GrainBytes);
        nint at = NativeMethods.Map(0, length, Read, Shared, file, 0);
        Assert.NotEqual(-1, at);
        byte[] states = new byte[length / Environment.SystemPageSize];
        Assert.Equal(0, NativeMethods.InMemory(at, length, states));
        Assert.Equal(0, NativeMethods.Unmap(at, length));
        return [.. states.Select(static state => (state & 1) != 0)];
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "mmap")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern nint Map(nint at, nint length, int access, int kind, SafeFileHandle file, nint offset);

        [DllImport("libc", EntryPoint = "mincore")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern int InMemory(nint at, nint length, byte[] states);

        [DllImport("libc", EntryPoint = "munmap")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern int Unmap(nint at, nint length);
    }
}
