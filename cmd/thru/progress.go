package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

// patience is how long something may take before it is worth a bar.
const patience = time.Second

// A meter shows on standard error how far something is, where a person looks and it takes a while.
type meter struct {
	to    io.Writer // nil: nobody looks
	what  string
	all   int64
	begun time.Time
	bar   *progressbar.ProgressBar
}

func (a *app) meter(what string, all int) *meter {
	m := &meter{what: what, all: int64(all), begun: time.Now()}
	if f, ok := a.err.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			m.to = f
		}
	}
	return m
}

// at moves the bar.
func (m *meter) at(done int64) {
	if m.to == nil || m.bar == nil && time.Since(m.begun) < patience {
		return
	}
	if m.bar == nil {
		m.bar = progressbar.NewOptions64(m.all, progressbar.OptionSetWriter(m.to),
			progressbar.OptionSetDescription(m.what), progressbar.OptionShowCount(),
			progressbar.OptionShowIts(), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
	}
	_ = m.bar.Set64(done) // a bar that cannot be drawn harms nothing
}

// of is at for those who know the whole only on the way; at its end the bar goes away.
func (m *meter) of(done, all uint64) {
	m.all = int64(all)
	m.at(int64(done))
	if done == all {
		m.done()
		m.bar, m.begun = nil, time.Now()
	}
}

// done takes the bar away.
func (m *meter) done() {
	if m.bar != nil {
		_ = m.bar.Clear()
	}
}
