// A lock alone does not protect what it guards: a holder that is paused, by a debugger, a garbage collection or a
// frozen virtual machine, does not know that its time is over when it goes on. Its fencing token does.
//
// Two writers, processes of their own, want to write to one account, and take turns by a lock. The first is paused
// (SIGSTOP) while it holds the lock; its lease runs out, and the second gets the lock and writes. Then the first goes
// on, and sends the write that it had begun. The account refuses it, since it has seen a larger token.
using FencedResource;
using Lepton.Samples;

if (args is ["writer", string name, string servers])
{
    return await Writer.RunAsync(name, servers);
}

var flags = new Flags(args, "Pauses a process that holds a lock: its fencing token stops the write that comes late.");
string endpoints = flags.Text(
    "--endpoints", "http://127.0.0.1:2379", "URL,URL", "servers of lepton coordinator, or of etcd");
flags.Check();

var account = new FencedAccount(balance: 100);
string lockName = $"samples/fenced-resource/{Environment.ProcessId}";

using var first = new WriterProcess("first", endpoints, lockName);
long firstToken = await first.TakeLockAsync();
Console.WriteLine("The first writer holds the lock. It reads the balance, 100, and is paused.");
long read = account.Balance;
await first.SignalAsync("STOP");

using var second = new WriterProcess("second", endpoints, lockName);
long secondToken = await second.TakeLockAsync();
Console.WriteLine("Its lease has run out. The second writer holds the lock, with a larger token: " +
    $"{secondToken > firstToken}.");
Show("second", await second.WriteAsync(account, account.Balance + 50));

await first.SignalAsync("CONT");
Console.WriteLine("The first writer goes on, as if nothing had happened.");
Show("first", await first.WriteAsync(account, read - 30));

Console.WriteLine(
    $"The balance is {account.Balance}. Without the token it would be {read - 30}, and 50 would be lost.");
Console.WriteLine($"The first writer's lock, as it sees it now: {await first.EndAsync()}.");
await second.EndAsync();
return account.Balance == 150 ? 0 : 1;

static void Show(string writer, string answer) => Console.WriteLine($"  the {writer} writer's write: {answer}");
