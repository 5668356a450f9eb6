using System.Runtime.CompilerServices;

// Every import passes plain numbers and addresses; the runtime has nothing to convert.
[assembly: DisableRuntimeMarshalling]
