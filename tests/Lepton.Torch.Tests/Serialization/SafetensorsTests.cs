using System.Buffers.Binary;
using System.Text;
using Lepton.Torch.Serialization;
using Lepton.Torch.Tests.Golden;

namespace Lepton.Torch.Tests.Serialization;

public sealed class SafetensorsTests : TorchTest
{
    private readonly TemporaryFolder _folder = new();

    private string Target => _folder.At("model.safetensors");

    [Theory]
    [InlineData(DType.Bool)]
    [InlineData(DType.UInt8)]
    [InlineData(DType.Int8)]
    [InlineData(DType.Int16)]
    [InlineData(DType.Int32)]
    [InlineData(DType.Int64)]
    [InlineData(DType.Float16)]
    [InlineData(DType.BFloat16)]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    [InlineData(DType.Complex64)]
    public void SaveAndLoad_AnyDType_SameBits(DType dtype)
    {
        Tensor x = Torch.Arange(0, 6).View(2, 3).To(dtype);

        Safetensors.Save(Target, Of(("x", x), ("empty", Torch.Zeros([0, 2], dtype)), ("one", x[1, 1])));
        IReadOnlyDictionary<string, Tensor> loaded = Safetensors.Load(Target);

        Assert.Equal(["empty", "one", "x"], loaded.Keys);
        Assert.Equal(dtype, loaded["x"].DType);
        Assert.True(loaded["x"].ContentEquals(x));
        Assert.True(loaded["one"].ContentEquals(x[1, 1]));
        Assert.True(loaded["empty"].Shape.SequenceEqual([0, 2]));
    }

    [Fact]
    public void Save_StridedTensorThatNeedsGradients_ItsElementsInOrder()
    {
        Tensor x = Matrix(new float[,] { { 1, 2 }, { 3, 4 } });
        x.RequiresGrad = true;

        Safetensors.Save(Target, Of(("x", x.T())));

        Assert.Equal([1, 3, 2, 4], Safetensors.Load(Target)["x"].ToArray<float>());
    }

    [Fact]
    public void Save_WhatPythonWrote_SameBytes()
    {
        foreach (string name in new[] { "modules.safetensors", "losses.safetensors" })
        {
            string path = GoldenFile.PathOf(name);

            Safetensors.Save(Target, Safetensors.Load(path));

            Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(Target));
        }
    }

    [Fact]
    public void Save_Metadata_ReadBack()
    {
        Safetensors.Save(
            Target, Of(("größe \"1\"", Vector(1))), new Dictionary<string, string> { ["format"] = "pt", ["é"] = "\n" });

        using SafetensorsFile file = SafetensorsFile.Open(Target);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal("\n", file.Metadata["é"]);
        Assert.Equal(["größe \"1\""], file.Entries.Keys);
        Assert.Equal(0, file.Entries["größe \"1\""].Offset);
    }

    [Fact]
    public void Save_WhatTheFormatHasNot_AllNamedAndNothingWritten()
    {
        Safetensors.Save(Target, Of(("x", Vector(1))));
        byte[] before = File.ReadAllBytes(Target);
        Tensor complex = Torch.Zeros([2], DType.Complex128);

        var e = Assert.Throws<ArgumentException>(
            () => Safetensors.Save(Target, Of(("c", complex), ("__metadata__", Vector(1)), ("\ud800", Vector(1)))));

        Assert.Contains("'c' is complex128[2]", e.Message, StringComparison.Ordinal);
        Assert.Contains("'__metadata__' is no name", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Target));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void Save_SparseTensor_Refused()
    {
        Tensor sparse = Torch.Call("aten::to_sparse", Vector(1, 0, 2));

        var e = Assert.Throws<ArgumentException>(() => Safetensors.Save(Target, Of(("b", sparse))));

        Assert.Contains("make it dense first", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void Save_TensorFreedMidway_NothingStays()
    {
        Safetensors.Save(Target, Of(("x", Vector(1))));
        byte[] before = File.ReadAllBytes(Target);
        Tensor freed = Vector(2);
        var writer = new SafetensorsWriter(Target, Of(("a", Vector(1)), ("b", freed)), null);
        freed.Dispose();

        Assert.Throws<ObjectDisposedException>(() => writer.Write());

        Assert.Equal(before, File.ReadAllBytes(Target));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void Save_IntoNoDirectory_SaysSo()
    {
        string path = _folder.At("none/model.safetensors");

        var e = Assert.Throws<IOException>(() => Safetensors.Save(path, Of(("x", Vector(1)))));

        Assert.Contains(path, e.Message, StringComparison.Ordinal);
        Assert.Contains("Check the directory", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Save_OverADirectory_NothingStays()
    {
        Directory.CreateDirectory(Target);

        Assert.Throws<IOException>(() => Safetensors.Save(Target, Of(("x", Vector(1)))));

        Assert.Single(Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void Load_TruncatedAnywhere_RefusedWithTheFilesName()
    {
        Safetensors.Save(Target, Of(("x", Vector(1, 2)), ("y", Vector(3))));
        byte[] whole = File.ReadAllBytes(Target);
        string cut = _folder.At("cut.safetensors");
        for (int bytes = 0; bytes < whole.Length; bytes++)
        {
            File.WriteAllBytes(cut, whole[..bytes]);

            var e = Assert.Throws<SafetensorsException>(() => Safetensors.Load(cut));

            Assert.StartsWith(cut + ": ", e.Message, StringComparison.Ordinal);
            Assert.Contains("Get the file again", e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(ulong.MaxValue, "its header would have 18446744073709551615 bytes, but only 2 follow")]
    [InlineData(1UL << 63, "but only 2 follow")]
    [InlineData(3UL, "its header would have 3 bytes, but only 2 follow")]
    public void Load_HeaderLongerThanTheFile_RefusedWithoutMemory(ulong length, string expected)
    {
        byte[] bytes = new byte[10];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        File.WriteAllBytes(Target, bytes);

        var e = Assert.Throws<SafetensorsException>(() => Safetensors.Load(Target));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_HeaderOfAHugeSparseFile_RefusedByItsLength()
    {
        using (FileStream file = File.Create(Target))
        {
            byte[] length = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, 3_000_000_000);
            file.Write(length);
            file.SetLength(4_000_000_000);
        }

        var e = Assert.Throws<SafetensorsException>(() => Safetensors.Load(Target));

        Assert.Contains("100000000 are the most", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PK\u0003\u0004a PyTorch checkpoint is a zip archive")]
    [InlineData("<html>not found, try again</html>")]
    public void Load_ForeignFile_Refused(string text)
    {
        File.WriteAllBytes(Target, Encoding.Latin1.GetBytes(text));

        var e = Assert.Throws<SafetensorsException>(() => Safetensors.Load(Target));

        Assert.Contains("no safetensors file", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DTypeThatLibtorchHasNot_NamesIt()
    {
        Write("""{"x":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}""", 2);
        using SafetensorsFile file = SafetensorsFile.Open(Target);

        var e = Assert.Throws<SafetensorsException>(() => file.Read("x"));

        Assert.Contains("tensor 'x' has the dtype F8_E4M3", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_UnknownName_TellsWhichThereAre()
    {
        Safetensors.Save(Target, Of(("x", Vector(1))));
        using SafetensorsFile file = SafetensorsFile.Open(Target);

        Assert.Contains(
            "such as x.", Assert.Throws<KeyNotFoundException>(() => file.Read("y")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FileThatBecameShorter_SaysSo()
    {
        Safetensors.Save(Target, Of(("x", Vector(1, 2, 3, 4))));
        using SafetensorsFile file = SafetensorsFile.Open(Target);
        using (var shorter = new FileStream(Target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            shorter.SetLength(shorter.Length - 4);
        }

        var e = Assert.Throws<SafetensorsException>(() => file.Read("x"));

        Assert.Contains("bytes that were there when it was opened", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_MissingFile_SaysWhich() => Assert.Contains(
        Target, Assert.Throws<FileNotFoundException>(() => Safetensors.Load(Target)).Message, StringComparison.Ordinal);

    protected override void OnDispose() => _folder.Dispose();

    private static Dictionary<string, Tensor> Of(params ReadOnlySpan<(string Name, Tensor Tensor)> tensors)
    {
        var named = new Dictionary<string, Tensor>();
        foreach ((string name, Tensor tensor) in tensors)
        {
            named.Add(name, tensor);
        }

        return named;
    }

    private void Write(string json, int dataBytes)
    {
        byte[] header = Encoding.UTF8.GetBytes(json);
        byte[] bytes = new byte[8 + header.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)header.Length);
        header.CopyTo(bytes, 8);
        File.WriteAllBytes(Target, bytes);
    }
}
