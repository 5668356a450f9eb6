using System.Buffers.Binary;
using System.Security.Cryptography;
using Lepton.Core.Records;

namespace Lepton.Learning.Tests.Models;

public sealed class ModelFileTests
{
    private static readonly RandomForestModel Forest =
        new RandomForestClassifier { NEstimators = 3, Seed = 7 }.Fit(SyntheticTables.Make(1));

    [Fact]
    public void Load_SavedForest_PredictsTheSame()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("forest.model");
        Forest.Save(path);
        RandomForestModel loaded = RandomForestModel.Load(path);
        FeatureMatrix features = SyntheticTables.Make(2).Features;
        Assert.Equal(Forest.PredictProba(features), loaded.PredictProba(features));
        Assert.Equal(Forest.FeatureImportances, loaded.FeatureImportances);
        Assert.Equal(Forest.ToBytes(), loaded.ToBytes());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), loaded.Sha256);
    }

    [Fact]
    public void Save_OverAnotherModel_ReplacesItAndLeavesNothingElse()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("forest.model");
        new StandardScaler().Fit(SyntheticTables.Make(1).Features).Save(path);
        Forest.Save(path);
        Assert.Equal(Forest.Sha256, RandomForestModel.Load(path).Sha256);
        Assert.Equal(["forest.model"], folder.FileNames);
    }

    [Fact]
    public void Save_FolderIsMissing_NamesPathAndLeavesNothing()
    {
        using TemporaryFolder folder = new();
        string path = folder.File(Path.Combine("missing", "forest.model"));
        var e = Assert.Throws<ModelFileException>(() => Forest.Save(path));
        Assert.StartsWith($"{path}: the model of {Forest.ToBytes().Length:N0} bytes can't be written (", e.Message);
        Assert.Equal(path, e.ModelSource);
        Assert.Empty(folder.FileNames);
    }

    [Fact]
    public void Load_FileIsMissing_NamesPath()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("forest.model");
        var e = Assert.Throws<ModelFileException>(() => RandomForestModel.Load(path));
        Assert.StartsWith($"{path}: the model can't be read (", e.Message);
        Assert.EndsWith("Check the path and its permissions.", e.Message);
    }

    [Fact]
    public void FromBytes_CutOffAnywhere_SaysSo()
    {
        byte[] bytes = Forest.ToBytes();
        for (int length = 1; length < bytes.Length; length++)
        {
            var e = Assert.Throws<ModelFileException>(() => RandomForestModel.FromBytes(bytes.AsSpan(0, length)));
            Assert.StartsWith($"the model's bytes: it is cut off: {length:N0} bytes of ", e.Message);
            Assert.EndsWith("are there. Fetch or save the model again.", e.Message);
        }
    }

    [Fact]
    public void FromBytes_AnyByteAltered_IsRefused()
    {
        byte[] bytes = Forest.ToBytes();
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] altered = [.. bytes];
            altered[i] ^= 0x10;
            var e = Assert.Throws<ModelFileException>(() => RandomForestModel.FromBytes(altered));
            if (i >= 20)
            {
                Assert.Equal(
                    "the model's bytes: it was altered after it was saved (its SHA-256 does not fit). Fetch or fit " +
                    "the model again.",
                    e.Message);
            }
        }
    }

    [Fact]
    public void FromBytes_MoreBytesBehind_IsRefused()
    {
        var e = Assert.Throws<ModelFileException>(() => RandomForestModel.FromBytes([.. Forest.ToBytes(), 0]));
        Assert.Contains("was altered", e.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a,b,label")]
    public void FromBytes_NoModel_IsRefused(string text)
    {
        byte[] bytes = System.Text.Encoding.ASCII.GetBytes(text);
        var e = Assert.Throws<ModelFileException>(() => RandomForestModel.FromBytes(bytes));
        Assert.Equal(
            "the model's bytes: this is not a model that Lepton saved. Give the path of a file that Save " +
            "wrote.", e.Message);
    }

    [Fact]
    public void FromBytes_NewerFormat_NamesBothFormats()
    {
        byte[] bytes = Forest.ToBytes();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), 2);
        SHA256.HashData(bytes.AsSpan(0, bytes.Length - 32), bytes.AsSpan(bytes.Length - 32));
        var e = Assert.Throws<ModelFileException>(() => RandomForestModel.FromBytes(bytes));
        Assert.Equal(
            "the model's bytes: it is of format 2, and this Lepton reads up to format 1. Update Lepton, or save the " +
            "model with the older one.",
            e.Message);
    }

    [Fact]
    public void FromBytes_OtherKind_NamesBothKinds()
    {
        byte[] scaler = new StandardScaler().Fit(SyntheticTables.Make(1).Features).ToBytes();
        var e = Assert.Throws<ModelFileException>(() => RandomForestModel.FromBytes(scaler));
        Assert.Equal(
            "the model's bytes: it holds a model of the kind 'standard-scaler', but 'random-forest-classifier' was " +
            "expected. Load it with the class of its kind.",
            e.Message);
    }

    /// <summary>Trees that are no trees, behind a right digest: nodes, leaf classes, then the nodes.</summary>
    [Theory]
    [InlineData("a right child is missing", new byte[] { 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 })]
    [InlineData("a node behind the root's leaf", new byte[] { 2, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 1, 0 })]
    [InlineData("a split on a feature that is not there", new byte[] { 1, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData("a class that is not there", new byte[] { 1, 1, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f })]
    [InlineData("a weight of 0", new byte[] { 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData("a leaf without classes", new byte[] { 1, 0, 0, 0 })]
    [InlineData("no node", new byte[] { 0, 0 })]
    [InlineData("bytes behind the tree", new byte[] { 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 7 })]
    public void FromBytes_TreeIsNone_IsRefused(string what, byte[] tree)
    {
        using RecordWriter payload = new();
        ModelFile.WriteNames(payload, ["width"]);
        ModelFile.WriteNames(payload, ["no", "yes"]);
        payload.WriteRaw(tree);
        byte[] bytes = ModelFile.Wrap("decision-tree-classifier", payload.WrittenSpan);
        var e = Assert.Throws<ModelFileException>(() => DecisionTreeModel.FromBytes(bytes));
        Assert.True(
            e.Message.StartsWith(
                "the model's bytes: its digest is right, but its content is not a 'decision-tree-classifier' model (",
                StringComparison.Ordinal),
            $"{what}: {e.Message}");
    }

    [Fact]
    public void FromBytes_ForestWithoutTrees_IsRefused()
    {
        using RecordWriter payload = new();
        ModelFile.WriteNames(payload, ["width"]);
        ModelFile.WriteNames(payload, ["no", "yes"]);
        payload.WriteVarUInt64(0);
        byte[] bytes = ModelFile.Wrap("random-forest-classifier", payload.WrittenSpan);
        var e = Assert.Throws<ModelFileException>(() => RandomForestModel.FromBytes(bytes));
        Assert.Contains("The forest has no tree.", e.Message);
    }
}
