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

// TestKill kills a process at random moments while it takes records. Every record that was
// answered is there exactly once, and the chain verifies.
func TestKill(t *testing.T) {
	kills := 4
	if os.Getenv("THRU_FULL") != "" {
		kills = 200
	}
	file := filepath.Join(t.TempDir(), "w.db")
	w, err := runtime.Open(file, runtime.Config{Policy: check(t, visits)})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		submit(t, w, rep(i))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	answered, next := map[int]uint64{}, 0
	for range kills {
		next = life(t, file, next, answered)
		present(t, file, answered)
	}
	if len(answered) == 0 {
		t.Error("no record was answered before a kill")
	}
	t.Logf("%d kills, %d records answered of %d sent", kills, len(answered), next)
}

// life runs the victim until it is killed. The first records it is sent are the last of the life
// before: those that were taken and not answered must not be taken twice.
func life(t *testing.T, file string, next int, answered map[int]uint64) int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "THRU_KILL_FILE="+file)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	sent := make(chan int)
	go func() {
		n := max(next-100, 0)
		for ; ; n++ {
			if _, err := fmt.Fprintln(in, n); err != nil {
				break
			}
		}
		sent <- n
	}()
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	if line != "open\n" {
		t.Fatalf("the victim says %q, %v", line, err)
	}
	time.AfterFunc(time.Duration(rand.N(150))*time.Millisecond, func() { _ = cmd.Process.Kill() })
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			break // a last line without its end was cut by the kill
		}
		w := strings.Fields(line)
		if err != nil || len(w) != 3 {
			t.Fatalf("the victim says %q, %v", line, err)
		}
		n, _ := strconv.Atoi(w[0])
		seq, _ := strconv.ParseUint(w[1], 10, 64)
		if w[2] == "accepted" {
			if old, twice := answered[n]; twice {
				t.Fatalf("v%d was accepted as %d and again as %d", n, old, seq)
			}
			answered[n] = seq
		}
	}
	_ = cmd.Wait() // killed, which is an error
	return <-sent
}

// present opens the file as it was left.
func present(t *testing.T, file string, answered map[int]uint64) {
	t.Helper()
	w, err := runtime.Open(file, runtime.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Verify(); err != nil {
		t.Fatal(err)
	}
	there := map[string]uint64{}
	var d decision.Decision
	err = w.Entries(1, w.Last(), true, func(l *runtime.Logged) error {
		if err := l.Decode(&d); err != nil {
			return err
		}
		if d.Kind == decision.Record && d.Outcome == decision.Accepted {
			if old := there[d.Record.ID]; old != 0 {
				t.Fatalf("%s is accepted as %d and as %d", d.Record.ID, old, d.Seq)
			}
			there[d.Record.ID] = d.Seq
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for n, seq := range answered {
		if there[fmt.Sprint("v", n)] != seq {
			t.Fatalf("v%d was answered as %d and is there as %d", n, seq, there[fmt.Sprint("v", n)])
		}
	}
}
