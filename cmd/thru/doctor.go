package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/internal/plural"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/files"
	"github.com/throughline/throughline/runtime/store"
	"github.com/throughline/throughline/runtime/store/bolt"
)

func (a *app) doctor() *cobra.Command {
	var db, data string
	c := &cobra.Command{
		Use:   "doctor {--db FILE | --data DIR}",
		Short: a.say("Say what is wrong with databases and what to do.", "检查数据库有什么问题以及该怎么办。"),
		Long: a.say(
			"doctor looks at a database, or at a server's folder while the server does not run: whether\n"+
				"every page is sound, who may read the files, how long opening takes, whether personal data\n"+
				"is kept past its time, whether moments are from the future, and how much room the disk has.\n"+
				"It changes nothing. It exits with 1 where something is broken; thru verify looks deeper.",
			"doctor 检查一个数据库，或未运行的服务器的目录：每一页是否完好、谁能读取文件、打开需要多久、\n"+
				"个人信息是否超期保存、是否有来自未来的时刻、磁盘还有多少空间。它不改动任何内容。\n"+
				"有损坏时退出码为 1；thru verify 检查得更深入。"),
		Example:           "  thru doctor --db team.db\n  thru doctor --data /var/lib/throughline",
		Args:              a.takes(cobra.NoArgs),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			if (db == "") == (data == "") {
				return usageError{errors.New(a.say("name a database, --db FILE, or a folder, --data DIR",
					"请给出数据库 --db FILE，或目录 --data DIR"))}
			}
			e := &examination{app: a, now: time.Now()}
			if db != "" {
				e.file(db)
			} else {
				e.folder(data)
			}
			return e.tell()
		},
	}
	c.Flags().StringVar(&db, "db", "", a.say("one database", "一个数据库"))
	c.Flags().StringVar(&data, "data", "", a.say("a server's folder", "服务器的目录"))
	_ = c.MarkFlagFilename("db", "db") // the flags are there: just made
	_ = c.MarkFlagDirname("data")
	return c
}

// examination collects what doctor finds.
type examination struct {
	app   *app
	now   time.Time
	found []symptom
}

// How bad a symptom is.
const (
	fine   = "fine"
	minor  = "minor"
	broken = "broken"
)

type symptom struct {
	Where string `json:"where"`
	State string `json:"state"`
	What  string `json:"what"`
}

func (e *examination) note(where, state, text string) {
	e.found = append(e.found, symptom{where, state, text})
}

func (e *examination) say(en, zh string, args ...any) string {
	return plural.Sprintf(e.app.say(en, zh), args...)
}

// folder looks at a server's folder.
func (e *examination) folder(dir string) {
	info, err := os.Stat(dir)
	if err != nil {
		e.note(dir, broken, e.app.words(err))
		return
	}
	if info.Mode().Perm()&0o077 != 0 {
		e.note(dir, minor, e.say("others may look into the folder (%v): chmod 700",
			"其他用户可以查看此目录（%v）：请 chmod 700", info.Mode().Perm()))
	}
	e.room(dir)
	for _, name := range []string{"secrets.key", "secrets.json"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
			e.private(filepath.Join(dir, name), info)
		}
	}
	names := []string{filepath.Join(dir, "system.db")}
	more, err := filepath.Glob(filepath.Join(dir, "workspaces", "*.db"))
	if err != nil {
		e.note(dir, broken, err.Error())
		return
	}
	slices.Sort(more)
	for _, name := range append(names, more...) {
		e.file(name)
	}
}

// scarce is when a disk is told to be nearly full: a snapshot of a large workspace needs as much.
const scarce = 1 << 30

func (e *examination) room(dir string) {
	free, known := freeBytes(dir)
	if known && free < scarce {
		e.note(dir, minor, e.say("the disk has %d MB left", "磁盘只剩 %d MB", free>>20))
	}
}

// private notes that others than the server's user may read a file.
func (e *examination) private(name string, info fs.FileInfo) {
	if info.Mode().Perm()&0o077 != 0 {
		e.note(name, minor, e.say("others may read the file (%v): chmod 600",
			"其他用户可以读取此文件（%v）：请 chmod 600", info.Mode().Perm()))
	}
}

// slowReplay is how many entries are decided again in a few seconds.
const slowReplay = 1_000_000

// file looks at one database.
func (e *examination) file(name string) {
	info, err := os.Stat(name)
	if err != nil {
		e.note(name, broken, e.app.words(err))
		return
	}
	e.private(name, info)
	log, err := bolt.Open(name, bolt.Options{ReadOnly: true, MustExist: true, Inspect: true})
	if errors.Is(err, store.ErrInUse) {
		e.note(name, minor, e.say("in use: stop what has it open, or ask the server's /readyz",
			"正在使用：请先停止占用它的程序，或询问服务器的 /readyz"))
		return
	}
	if err != nil {
		e.note(name, broken, e.app.words(err))
		return
	}
	e.log(name, log, info.Size())
	e.files(name)
	if err := log.Close(); err != nil {
		e.note(name, broken, e.app.words(err))
	}
}

// files looks at the files beside a database. Whether their bytes are the same thru verify looks.
func (e *examination) files(db string) {
	c, err := files.Open(files.Beside(db), files.Options{}).Check(false)
	where := files.Beside(db)
	for _, w := range c.Wrong {
		e.note(where, broken, e.say("%s is %s: restore it from a backup", "%s %s：请从备份恢复", w.Hash,
			e.app.wrongFile(w)))
	}
	switch {
	case err != nil:
		e.note(where, broken, e.app.words(err))
	case c.Files > 0 && len(c.Wrong) == 0:
		e.note(where, fine, e.say("%d file{|s}, %d KB", "%d 个文件，%d KB", c.Files, c.Bytes>>10))
	}
}

// wrongFile says what is wrong with a file.
func (a *app) wrongFile(w files.Wrong) string {
	switch w.What {
	case files.Missing:
		return a.say("missing", "缺失")
	case files.Changed:
		return a.say("changed", "已被改动")
	}
	return a.say("not told of", "的说明无法读取")
}

func (e *examination) log(name string, log *bolt.Log, size int64) {
	if err := log.Check(); err != nil {
		e.note(name, broken, e.say("%v: restore it from a backup", "%v：请从备份恢复", err))
		return
	}
	h, err := runtime.Examine(log)
	if err != nil {
		e.note(name, broken, e.app.words(err))
		return
	}
	at := time.UnixMicro(h.Moment)
	switch {
	case h.Last == 0:
		e.note(name, minor, e.say("the log is empty", "日志是空的"))
		return
	case at.After(e.now.Add(time.Minute)):
		e.note(name, minor, e.say(
			"the last entry is of %s: the clock went back, or records were simulated",
			"最后一个条目的时刻是 %s：时钟倒退过，或者记录是模拟的", at.UTC().Format(time.RFC3339)))
	}
	if h.Replay > slowReplay {
		e.note(name, minor, e.say("opening decides %d {entry|entries} again: it is closed too rarely",
			"打开时要重新判定 %d 个条目：它很少正常关闭", h.Replay))
	}
	if h.Semantics != engine.Semantics {
		e.note(name, minor, e.say(
			"the last entry was decided by another version of the engine (%d, this is %d)",
			"最后一个条目由另一版本的引擎判定（%d，当前为 %d）", h.Semantics, engine.Semantics))
	}
	if h.Expired > 0 {
		e.note(name, minor, e.say(
			"%d record{ holds|s hold} personal data past its time: thru erase --db %s --expired",
			"%d 条记录含有超期的个人信息：thru erase --db %s --expired", h.Expired, name))
	}
	e.note(name, fine, e.say("%d {entry|entries}, %d KB, %d partly erased",
		"%d 个条目，%d KB，其中 %d 个删除过部分内容", h.Last, size>>10, h.Erasures))
}

// tell prints what was found, and fails where something is broken.
func (e *examination) tell() error {
	var err error
	for _, s := range e.found {
		if s.State == broken {
			err = errFault
		}
		if e.app.json {
			if err := json.NewEncoder(e.app.out).Encode(s); err != nil {
				return err
			}
			continue
		}
		mark := map[string]string{fine: "ok", minor: "! ", broken: "XX"}[s.State]
		fmt.Fprintf(e.app.out, "%s  %s: %s\n", mark, s.Where, s.What)
	}
	return err
}
