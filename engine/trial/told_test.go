package trial

import "testing"

// TestLengthsAreRounded: people read lengths to the minute, or to the second where they are short.
func TestLengthsAreRounded(t *testing.T) {
	const second = 1_000_000
	for _, c := range []struct {
		micro  int64
		en, zh string
	}{
		{(10*24+9)*3600*second - 1, "10d9h", "10天9小时"},
		{(10*24*3600+8*3600+59*60+29)*second + 999_999, "10d8h59min", "10天8小时59分钟"},
		{90 * second, "1min30s", "1分钟30秒"},
		{59*second + 600_000, "1min", "1分钟"},
		{999_999, "0.999999s", "0.999999秒"},
		{0, "0s", "0秒"},
	} {
		if en, zh := length(c.micro, "en"), length(c.micro, "zh"); en != c.en || zh != c.zh {
			t.Errorf("%d: %s, %s, want %s, %s", c.micro, en, zh, c.en, c.zh)
		}
	}
}
