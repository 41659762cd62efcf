package main

import "github.com/spf13/cobra"

// folderThen completes a policy's folder and then files with these endings.
func folderThen(endings ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		switch {
		case len(args) == 0:
			return nil, cobra.ShellCompDirectiveFilterDirs
		case len(endings) == 0:
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return endings, cobra.ShellCompDirectiveFilterFileExt
	}
}

// folders completes the first n arguments with folders.
func folders(n int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) < n {
			return nil, cobra.ShellCompDirectiveFilterDirs
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// recordsFlag adds --records, whose files the shell completes.
func (a *app) recordsFlag(c *cobra.Command, to *[]string) {
	c.Flags().StringArrayVar(to, "records", nil,
		a.say("file of records: .ndjson, TYPE.csv or -; may be repeated",
			"记录文件：.ndjson、TYPE.csv 或 -；可重复"))
	_ = c.MarkFlagFilename("records", "ndjson", "jsonl", "csv", "xlsx") // the flag is there: just made
}

// here is the folder that is named, or the one we are in.
func here(args []string) string {
	if len(args) == 0 {
		return "."
	}
	return args[0]
}
