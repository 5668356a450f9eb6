using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Lepton.Cli.CommandLine;
using Lepton.Compute;
using Lepton.Coordination.Recipes;

namespace Lepton.Cli.Coordination;

/// <summary>A command that runs while a lock is held, and is ended when the lock is lost.</summary>
internal sealed class LockedProcess(string[] words, TimeSpan grace)
{
    /// <summary>Waits for the lock, runs the command, releases the lock.</summary>
    /// <returns>The command's exit code; where the lock was lost, the code for that.</returns>
    /// <exception cref="UsageException">There is no such command.</exception>
    public async Task<int> RunAsync(DistributedLock mutex, CancellationToken cancellation)
    {
        using SignalRelay signals = new(cancellation);
        HeldLock held;
        try
        {
            held = await mutex.AcquireAsync(signals.BeforeStart).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("lepton: cancelled.").ConfigureAwait(false);
            return ExitCodes.Cancelled;
        }

        await using (held.ConfigureAwait(false))
        {
            using Process process = Start(held);
            signals.PassOnTo(process.Id);

            // Whether it was lost is known before the lock is given back, which ends it too.
            return await EndWhenLostAsync(process, held).ConfigureAwait(false)
                ? CoordinationExitCodes.Lost
                : process.ExitCode;
        }
    }

    private Process Start(HeldLock held)
    {
        var start = new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false };
        start.Environment["LEPTON_LOCK_NAME"] = held.Name;
        start.Environment["LEPTON_LOCK_KEY"] = held.Key.ToString();
        start.Environment["LEPTON_LOCK_TOKEN"] = held.FencingToken.ToString();
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new UsageException(
                $"The command '{words[0]}' can't be run: {e.Message}. Correct its name or path; the lock was released.",
                e);
        }
    }

    /// <summary>Waits for the command's end, and brings it about where the lock is lost.</summary>
    /// <returns>Whether it was lost before the command had ended.</returns>
    private async Task<bool> EndWhenLostAsync(Process process, HeldLock held)
    {
        await process.WaitForExitAsync(held.Lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (held.IsHeld)
        {
            return false;
        }

        await Console.Error.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"lepton: the lock '{held.Name}' is lost ({Why(held.Loss)}); '{words[0]}' gets SIGTERM, and SIGKILL in " +
            $"{grace.TotalSeconds:0} s.")).ConfigureAwait(false);
        ProcessTree tree = ProcessTree.Of(process.Id);
        tree.Signal(ProcessTree.Terminate);
        using CancellationTokenSource limit = new(grace);
        await tree.EndAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        tree.Signal(ProcessTree.Kill);
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        return true;
    }

    private static string Why(LeaseLoss? loss) => loss switch
    {
        LeaseLoss.DeadlinePassed => "no server has answered for as long as its lease lives",
        LeaseLoss.LeaseEnded => "its lease has ended",
        LeaseLoss.KeyDeleted => "its key was deleted, or its lease revoked",
        _ => "it was released",
    };

    /// <summary>
    /// What becomes of signals: before the command runs they end the wait for the lock; after that SIGTERM and SIGHUP
    /// are passed on, and Ctrl-C is left to the command, which the terminal tells by itself.
    /// </summary>
    private sealed class SignalRelay : IDisposable
    {
        private readonly CancellationTokenSource _beforeStart;
        private readonly PosixSignalRegistration[] _registrations;
        private int _process;

        public SignalRelay(CancellationToken cancellation)
        {
            _beforeStart = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            BeforeStart = _beforeStart.Token;
            _registrations =
            [
                PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Receive(context, passOn: null)),
                PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Receive(context, ProcessTree.Terminate)),
                PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Receive(context, ProcessTree.HangUp)),
            ];
        }

        public CancellationToken BeforeStart { get; }

        public void PassOnTo(int process)
        {
            Volatile.Write(ref _process, process);

            // A signal that came while the command was being started is for the command.
            if (BeforeStart.IsCancellationRequested)
            {
                ProcessTree.Signal(process, ProcessTree.Terminate);
            }
        }

        public void Dispose()
        {
            foreach (PosixSignalRegistration registration in _registrations)
            {
                registration.Dispose();
            }

            _beforeStart.Dispose();
        }

        private void Receive(PosixSignalContext context, int? passOn)
        {
            context.Cancel = true;
            int process = Volatile.Read(ref _process);
            if (process == 0)
            {
                _beforeStart.Cancel();
            }
            else if (passOn is { } signal)
            {
                ProcessTree.Signal(process, signal);
            }
        }
    }
}
