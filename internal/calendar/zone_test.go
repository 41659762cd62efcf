package calendar

import (
	"testing"
	"time"
)

func TestZonesComeFromTheBinary(t *testing.T) {
	t.Setenv("ZONEINFO", "/nowhere")
	for name, offset := range map[string]int{"Asia/Shanghai": 8 * 3600, "UTC": 0, "Europe/Berlin": 3600} {
		z, err := Zone(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, got := time.Date(2026, 1, 5, 0, 0, 0, 0, z).Zone(); got != offset {
			t.Errorf("%s: offset %d, want %d", name, got, offset)
		}
	}
	for _, bad := range []string{"Asia/Nowhere", "", "../etc/passwd", "Asia"} {
		if _, err := Zone(bad); err == nil {
			t.Errorf("%q is a zone", bad)
		}
	}
}
