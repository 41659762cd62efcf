// Package examples holds workspaces to read, to copy from and to try: each folder is a policy
// with its own tests and a few records.
package examples

import "embed"

// Files are the folders of the examples.
//
//go:embed */thru.toml */*.thru */*.ndjson
var Files embed.FS

// Names are the examples, in the order in which they are best read.
func Names() []string {
	return []string{"demo", "distributor", "fmcg-distribution", "industrial-leads", "medical-devices",
		"pipeline", "rfm"}
}
