package runtime

import (
	"errors"
	"strconv"
	"strings"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
)

// Retell puts the texts of tasks into a language, en or zh, where their policy gives them in both:
// a row keeps a text as first written. The values in it are those of the decision that gave the
// task. What was erased, or is decided no more by the policy in force, stays as it is.
func (w *Workspace) Retell(tasks []engine.Task, lang string) error {
	for i := range tasks {
		if tasks[i].Other != lang || lang == "" {
			continue
		}
		if err := w.retell(&tasks[i], lang); err != nil {
			return err
		}
	}
	return nil
}

func (w *Workspace) retell(t *engine.Task, lang string) error {
	at, place, _ := strings.Cut(t.ID, "/")
	place, _, _ = strings.Cut(place, ".") // the second one whom an effect is for
	seq, err1 := strconv.ParseUint(at, 10, 64)
	n, err2 := strconv.Atoi(place)
	if err1 != nil || err2 != nil {
		return nil // no row that the engine made
	}
	return w.Entries(seq, seq, false, func(l *Logged) error {
		var d decision.Decision
		var erased *ErasedError
		switch err := l.Decode(&d); {
		case errors.As(err, &erased) || err == nil && (n < 1 || n > len(d.Effects)):
			return nil
		case err != nil:
			return err
		}
		words := decision.NewWriter(l.plan.policy, decision.Options{Zone: l.plan.zone, Lang: lang})
		t.Text = string(words.AppendMessage(nil, &d.Effects[n-1]))
		return nil
	})
}
