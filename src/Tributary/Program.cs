using Tributary.Cli;

using var signals = new ProgramSignals();
return await CommandLine.RunAsync(args, Terminal.OfProcess(), signals.EndIsWanted);
