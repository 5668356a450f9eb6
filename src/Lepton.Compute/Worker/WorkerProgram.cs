namespace Lepton.Compute.Worker;

internal static class WorkerProgram
{
    private static int Main() => 0;
}
