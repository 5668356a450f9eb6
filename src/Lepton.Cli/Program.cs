return await Lepton.Cli.CommandLine.LeptonProgram.RunAsync(args).ConfigureAwait(false);
