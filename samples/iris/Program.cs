// Learns to tell three species of iris apart, with the trees of a random forest grown on many workers.
//
// With --map-reduce the forest is grown by ForestTask.cs, in the shape that users of MapReduce know. Both ways give the
// same model, bit by bit, for any number of workers. With --kill one worker is killed on the way; that changes nothing.
using Iris;
using Lepton.Compute;
using Lepton.Compute.Datasets;
using Lepton.Learning;
using Lepton.Samples;

var flags = new Flags(args, "Learns to tell three species of iris apart, by a random forest grown on many workers.");
bool mapReduce = flags.Has("--map-reduce", "grows the forest as a task with Map and Reduce");
bool kill = flags.Has("--kill", "kills a worker on the way, which changes nothing");
ulong seed = flags.Number("--seed", 42UL, "for the rows to judge on, and the trees");
int workers = flags.Number("--workers", 0, "worker processes; 0 is one for each processor", from: 0);
int threads = flags.Number("--threads", 0, "threads of this process instead of workers", from: 0, to: 256);
flags.Check();

// A session owns the workers; without a number there is one for each processor. Disposing it ends them.
await using LeptonSession session = await LeptonSession.LocalAsync(workers, threads);
if (kill)
{
    session.TaskFinished += KillOnce;
}

// The header names the columns. A value that is no number fails the job, with its file, line and column.
LabeledTable table = await session.ReadLabeledTableAsync(Path.Combine(AppContext.BaseDirectory, "iris.csv"), "label");

// A fifth of each species is kept to judge on. The seed decides which rows, on every machine alike.
(LabeledTable train, LabeledTable test) = TrainTestSplit.Stratified(table, testSize: 0.2, seed).Of(table);

// Fitted on the rows to learn from alone: what the test rows look like must not leak into the model.
StandardScalerModel scaler = await new StandardScaler().FitAsync(session, train.Features);
LabeledTable scaled = scaler.Transform(train);

var forest = new RandomForestClassifier { NEstimators = 100, Seed = seed };
RandomForestModel model = mapReduce
    ? await session.RunAsync(new ForestTask(forest, scaled), TreeRange.Cut(forest.NEstimators, size: 2))
    : await forest.FitAsync(session, scaled);

ConfusionMatrix matrix = model.Evaluate(scaler.Transform(test));

// One split may be lucky: five forests, each judged on the fifth that it did not see, say more.
IReadOnlyList<RowSplit> folds = new StratifiedKFold { Shuffle = true, Seed = seed }.Split(table);
IReadOnlyList<ConfusionMatrix> judged = await forest.CrossValidateAsync(session, table, folds);
Console.Write(matrix);
Console.WriteLine($"five-fold {judged.Average(fold => fold.Accuracy):0.000}");
Console.WriteLine($"accuracy  {matrix.Accuracy:0.000}");
Console.WriteLine($"retries   {session.Statistics.RetryCount}");
Console.WriteLine($"model     {model.Sha256}");
Console.WriteLine($"event log {session.EventLogPath}");

void KillOnce(TaskReport report)
{
    // Called for every task that is done. Once five of a stage of fifty are, a worker goes.
    if (report is { StageTasks: 50, StageDone: >= 5 })
    {
        session.TaskFinished -= KillOnce;
        session.KillWorkerFromHandler();
    }
}
