//go:build !unix

package disk

// SyncDir has nothing to do where folders cannot be synced: the system does it by itself.
func SyncDir(string) error { return nil }
