package runtime_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store/bolt"
)

// TestMain lets the test binary be the process that TestKill kills.
func TestMain(m *testing.M) {
	if file := os.Getenv("THRU_KILL_FILE"); file != "" {
		if err := victim(file); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// victim submits what it is given, a number a line, from many goroutines, and writes the number of
// every record that was answered.
func victim(file string) error {
	w, err := runtime.Open(file, runtime.Config{SnapshotEvery: 300})
	if err != nil {
		return err
	}
	fmt.Println("open")
	var out sync.Mutex
	var wg sync.WaitGroup
	work := make(chan int)
	for range 32 {
		wg.Go(func() {
			for n := range work {
				a, err := w.Submit(context.Background(), visit(fmt.Sprint("v", n), n%11))
				out.Lock()
				if err != nil {
					fmt.Println("error", err)
				} else {
					fmt.Println(n, a.Seq, a.Outcome)
				}
				out.Unlock()
			}
		})
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			return err
		}
		work <- n
	}
	close(work)
	wg.Wait()
	return w.Close()
}

// killed is what came of all lives so far.
type killed struct {
	t        *testing.T
	file     string
	accepted map[int]uint64 // answered as accepted, with the seq
	repeated map[int]bool   // answered as duplicate
	next     int            // greater than every number that was answered
	early    int            // lives that ended before the file was open
}

// TestKill kills a process at random moments, while it opens the file and while it takes records.
// Every record that was answered is there exactly once, no record is there twice, the chain
// verifies, opening proves the decisions that are there, and snapshots and log agree.
func TestKill(t *testing.T) {
	kills := 4
	if os.Getenv("THRU_FULL") != "" {
		kills = 200
	}
	k := &killed{t: t, file: filepath.Join(t.TempDir(), "w.db"),
		accepted: map[int]uint64{}, repeated: map[int]bool{}}
	w, err := runtime.Open(k.file, runtime.Config{Policy: check(t, visits)})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		submit(t, w, rep(i))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range kills {
		k.life(i%4 == 3)
		k.present()
	}
	if len(k.accepted) == 0 || kills > 4 && len(k.repeated) == 0 {
		t.Errorf("%d records were accepted and %d repeated before a kill: too few to show anything",
			len(k.accepted), len(k.repeated))
	}
	k.agree()
	t.Logf("%d kills, %d of them before the file was open; %d records answered, %d again",
		kills, k.early, len(k.accepted), len(k.repeated))
}

// life runs the victim until it is killed: from its very beginning, or once the file is open. The
// first records it is sent are the last of the lives before, answered and under way: those that
// were taken must not be taken again.
func (k *killed) life(opening bool) {
	k.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "THRU_KILL_FILE="+k.file)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	kill := func(most int) {
		time.AfterFunc(rand.N(time.Duration(most)*time.Millisecond), func() { _ = cmd.Process.Kill() })
	}
	if opening {
		kill(50)
	}
	go func() {
		for n := max(k.next-100, 0); ; n++ {
			if _, err := fmt.Fprintln(in, n); err != nil {
				return // it was killed
			}
		}
	}()
	lines := bufio.NewReader(out)
	switch line, err := lines.ReadString('\n'); {
	case line == "open\n" && !opening:
		kill(150)
	case opening && err == io.EOF:
		k.early++
	case line != "open\n":
		k.t.Fatalf("the victim says %q, %v", line, err)
	}
	k.listen(lines)
	_ = cmd.Wait() // killed, which is an error
}

// listen takes down what is answered. A last line without its end was cut by the kill.
func (k *killed) listen(lines *bufio.Reader) {
	for from := k.next; ; {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			return
		}
		w := strings.Fields(line)
		if err != nil || len(w) != 3 {
			k.t.Fatalf("the victim says %q, %v", line, err)
		}
		n, _ := strconv.Atoi(w[0])
		seq, _ := strconv.ParseUint(w[1], 10, 64)
		k.next = max(k.next, n+1)
		old, known := k.accepted[n]
		switch {
		case w[2] == "accepted" && known:
			k.t.Fatalf("v%d was accepted as %d and again as %d", n, old, seq)
		case w[2] == "accepted":
			k.accepted[n] = seq
		case w[2] == "duplicate" && n < from+100:
			k.repeated[n] = true
		default:
			k.t.Fatalf("v%d was answered as %s", n, w[2])
		}
	}
}

// present opens the file as it was left. Opening replays the log and compares every decision with
// the one that is there; one that differs is an error.
func (k *killed) present() {
	k.t.Helper()
	w, err := runtime.Open(k.file, runtime.Config{})
	if err != nil {
		k.t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Verify(); err != nil {
		k.t.Fatal(err)
	}
	there := map[string]uint64{}
	var d decision.Decision
	err = w.Entries(1, w.Last(), true, func(l *runtime.Logged) error {
		if err := l.Decode(&d); err != nil {
			return err
		}
		if d.Kind == decision.Record && d.Outcome == decision.Accepted {
			if old := there[d.Record.ID]; old != 0 {
				k.t.Fatalf("%s is accepted as %d and as %d", d.Record.ID, old, d.Seq)
			}
			there[d.Record.ID] = d.Seq
		}
		return nil
	})
	if err != nil {
		k.t.Fatal(err)
	}
	for n, seq := range k.accepted {
		if there[fmt.Sprint("v", n)] != seq {
			k.t.Fatalf("v%d was answered as %d and is there as %d", n, seq, there[fmt.Sprint("v", n)])
		}
	}
	for n := range k.repeated {
		if there[fmt.Sprint("v", n)] == 0 {
			k.t.Fatalf("v%d was answered as a duplicate and is not there", n)
		}
	}
}

// agree works the state out from the log alone: the snapshots, written between kills, say the same.
func (k *killed) agree() {
	state := func(view func(runtime.Log) runtime.Log) [32]byte {
		log, err := bolt.Open(k.file, bolt.Options{ReadOnly: true, MustExist: true})
		if err != nil {
			k.t.Fatal(err)
		}
		return stateOf(k.t, view(log))
	}
	with := state(func(l runtime.Log) runtime.Log { return l })
	if without := state(func(l runtime.Log) runtime.Log { return forgetful{l} }); with != without {
		k.t.Error("the log alone gives another state than snapshot and log")
	}
}
