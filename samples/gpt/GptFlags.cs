using Lepton.Samples;
using Lepton.Training.Parallelism;

namespace Gpt;

/// <summary>This sample's flags, and whether they go together.</summary>
internal sealed class GptFlags(Flags flags)
{
    public MeshShape Mesh { get; } =
        flags.Read("--mesh", "1x1x1", MeshShape.Parse, "DxTxP", "ranks: data x tensor x pipeline");

    public int Layers { get; } =
        flags.Number("--layers", 4, "blocks, between the embedding and the head", from: 1);

    public int Heads { get; } = flags.Number("--heads", 4, "heads of attention in each", from: 1);

    public int Width { get; } = flags.Number("--width", 128, "numbers that stand for a character", from: 1);

    public int Context { get; } = flags.Number("--context", 128, "characters that it looks back at", from: 1);

    public double Dropout { get; } =
        flags.Number("--dropout", 0.0, "the share of activations that training drops", from: 0, to: 0.99);

    public int Characters { get; } =
        flags.Number("--characters", 1_000_000, "characters of the Bible that it reads", from: 1);

    public int Batch { get; } =
        flags.Number("--batch", 32, "samples in a step, of all ranks together", from: 1);

    public int Parts { get; } =
        flags.Number("--parts", 1, "parts of a rank's samples; a pipeline needs several", from: 1);

    public long Steps { get; } = flags.Number("--steps", 500L, "steps", from: 1L);

    public double LearningRate { get; } = flags.Number("--learning-rate", 1e-3, "AdamW's, at its highest", from: 0);

    public long DecaySteps { get; } =
        flags.Number("--decay-steps", 0L, "steps until it has fallen; 0: as --steps", from: 0L);

    public bool IsZero { get; } = flags.Has("--zero", "divides the optimizer's state along the data axis");

    public PipelineScheduleKind Schedule { get; } =
        flags.OneOf("--schedule", ["1f1b", "gpipe"], "in which order a pipeline runs parts") is "gpipe"
            ? PipelineScheduleKind.GPipe
            : PipelineScheduleKind.OneForwardOneBackward;

    public bool IsMeasured { get; } =
        flags.OneOf("--balance", ["even", "measured"], "how a pipeline's stages divide the layers") is "measured";

    public ulong Seed { get; } =
        flags.Number("--seed", 1UL, "for first weights, the order of samples, and writing");

    public int LogEvery { get; } =
        flags.Number("--log-every", 50, "steps from one line of metrics to the next", from: 1);

    public int CheckpointEvery { get; } =
        flags.Number("--checkpoint-every", 0, "steps between checkpoints; 0: by the epoch", from: 0);

    public string? Run { get; } =
        flags.Text("--run", "FOLDER", "keeps metrics, curves, checkpoints; goes on from the newest");

    public string? Checkpoints { get; } =
        flags.Text("--checkpoints", "PLACE", "keeps these there: a folder, or s3://BUCKET/PREFIX");

    public string Prompt { get; } = flags.Text("--prompt", "\n", "TEXT", "what it goes on from when it writes");

    public int Write { get; } = flags.Number("--write", 300, "characters that it writes", from: 0);

    public double Temperature { get; } = flags.Number("--temperature", 0.8, "how much it dares then", from: 0.01);

    public string Device { get; } = flags.OneOf("--device", ["cpu", "cuda", "auto"], "where ranks train");

    public bool IsDryRun { get; } =
        flags.Has("--dry-run", "in one process, says what each rank would hold and send");

    public GptOptions Sizes(int vocabulary) => new()
    {
        Vocabulary = vocabulary,
        Context = Context,
        Layers = Layers,
        Heads = Heads,
        Width = Width,
        Dropout = Dropout,
    };

    /// <summary>
    /// Ends the program where they don't. All ranks would find the same, each for itself, so it is told before they
    /// meet.
    /// </summary>
    public void Check()
    {
        int ranks = int.TryParse(Environment.GetEnvironmentVariable("WORLD_SIZE"), out int size) ? size : 1;
        flags.Require(
            IsDryRun || Mesh.Size == ranks,
            $"--mesh {Mesh} is for {Mesh.Size} ranks, and there are {ranks}. Start {Mesh.Size} (lepton train " +
            $"--nproc-per-node), or give a mesh of {ranks}, such as {new MeshShape(ranks, 1, 1)}.");
        flags.Require(
            Heads % Mesh.Tensor == 0,
            $"{Heads} heads can't be divided among {Mesh.Tensor} ranks, the second number of --mesh {Mesh}.");
        flags.Require(Width % Heads == 0, $"--width is {Width}; expected a multiple of the {Heads} heads.");
        flags.Require(
            Mesh.Pipeline <= Layers + 2,
            $"--mesh {Mesh} has {Mesh.Pipeline} stages for {Layers} blocks, the embedding and the head; each needs " +
            "one.");
        flags.Require(Batch >= Mesh.Data, $"--batch is {Batch}; expected {Mesh.Data} or more, one for each data rank.");
        flags.Require(
            Characters > 10 * Context,
            $"{Characters} characters are too few for samples of {Context}. Give more with --characters.");
        flags.Check();
    }

    /// <summary>Ends the program where the prompt has characters that the text has not.</summary>
    public void CheckPrompt(string characters)
    {
        flags.Require(
            Prompt.All(character => characters.Contains(character, StringComparison.Ordinal)),
            "--prompt has characters that the text has not.");
        flags.Check();
    }
}
