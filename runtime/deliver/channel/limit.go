package channel

import "time"

// A Limit is how many messages a channel takes in a time, below what the platform says, since
// others may use the same robot.
type Limit struct {
	N   int
	Per time.Duration
	To  bool // of one recipient; else of the channel
}

// Limits are what a kind of channel takes, as published.
func (c *Channel) Limits() (out []Limit) {
	switch c.Kind {
	case WeCom, DingTalk: // 20 a minute
		out = []Limit{{N: 18, Per: time.Minute}}
	case Feishu: // 5 a second and 100 a minute
		out = []Limit{{N: 4, Per: time.Second}, {N: 90, Per: time.Minute}}
	case SMS: // 50 notices a day and number
		out = []Limit{{N: 50, Per: 24 * time.Hour, To: true}, {N: 300, Per: time.Minute}}
	case Mail:
		out = []Limit{{N: 120, Per: time.Minute}}
	case Webhook:
		out = []Limit{{N: 1200, Per: time.Minute}}
	}
	if c.Most > 0 {
		own := Limit{N: c.Most, Per: time.Minute}
		for i := range out {
			if out[i].Per == time.Minute && !out[i].To {
				own.N = min(own.N, out[i].N)
				out[i] = own
			}
		}
	}
	return out
}

// Bytes is how long a text may be.
func (k Kind) Bytes() int {
	switch k {
	case WeCom:
		return 2048
	case DingTalk:
		return 18_000
	case Feishu: // of a body of 20 KB in which a text may be escaped
		return 9_000
	case SMS:
		return 1_500
	}
	return 100_000
}

// Merges reports whether several effects may be told in one message.
func (k Kind) Merges() bool { return k.Robot() || k == Mail }
