package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	rt "github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store/bolt"
)

func (a *app) bugreport() *cobra.Command {
	var db, data string
	c := &cobra.Command{
		Use: "bugreport [--db FILE | --data DIR]",
		Short: a.say("Say what a report of a bug needs, without personal data.",
			"给出报告问题所需的信息，不含个人信息。"),
		Long: a.say(
			"bugreport prints which program runs where and, of databases, figures: how many entries of\n"+
				"each kind, how many declarations, sizes, versions, what is broken. It holds no record, no\n"+
				"name, no id, no text of a policy and no path, and it is sent nowhere: read it, then paste\n"+
				"it into your report.",
			"bugreport 输出运行的是什么程序、在哪里运行，以及数据库的数字：各类条目数、声明数、大小、版本、哪里损坏。\n"+
				"其中没有记录、名称、编号、策略文本和路径，也不会发送到任何地方：请阅读之后贴到问题报告里。"),
		Example:           "  thru bugreport\n  thru bugreport --db team.db >report.json",
		Args:              a.takes(cobra.NoArgs),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			if db != "" && data != "" {
				return usageError{errors.New(a.say("--db or --data, not both", "--db 与 --data 只能选一个"))}
			}
			return a.report(db, data)
		},
	}
	c.Flags().StringVar(&db, "db", "", a.say("one database", "一个数据库"))
	c.Flags().StringVar(&data, "data", "", a.say("a server's folder", "服务器的目录"))
	_ = c.MarkFlagFilename("db", "db") // the flags are there: just made
	_ = c.MarkFlagDirname("data")
	return c
}

// A bug is what a report holds: figures and versions.
type bug struct {
	Program   release    `json:"program"`
	System    string     `json:"system"`
	CPUs      int        `json:"cpus"`
	Semantics uint32     `json:"semantics"`
	Databases []database `json:"databases,omitempty"`
}

// A database as figures.
type database struct {
	KB           int64             `json:"kb"`
	Entries      map[string]uint64 `json:"entries,omitempty"`
	Declarations map[string]int    `json:"declarations,omitempty"`
	Replay       uint64            `json:"replay"`
	Erased       int               `json:"erased"`
	Semantics    uint32            `json:"semantics"`
	Broken       string            `json:"broken,omitempty"`
}

func (a *app) report(db, data string) error {
	r := bug{Program: built(), System: runtime.GOOS + "/" + runtime.GOARCH, CPUs: runtime.NumCPU(),
		Semantics: engine.Semantics}
	var files []string
	if db != "" {
		files = append(files, db)
	}
	if data != "" {
		found, err := filepath.Glob(filepath.Join(data, "workspaces", "*.db"))
		if err != nil {
			return err
		}
		slices.Sort(found)
		files = append(append(files, filepath.Join(data, "system.db")), found...)
	}
	for _, f := range files {
		r.Databases = append(r.Databases, figuresOf(f))
	}
	to := json.NewEncoder(a.out)
	if !a.json {
		to.SetIndent("", "  ")
	}
	return to.Encode(&r)
}

// figuresOf are those of a database. An error may name a file or what is in it, so only its kind is
// told.
func figuresOf(file string) (d database) {
	info, err := os.Stat(file)
	if err != nil {
		d.Broken = "it is not there"
		return d
	}
	d.KB = info.Size() >> 10
	log, err := bolt.Open(file, bolt.Options{ReadOnly: true, MustExist: true, Inspect: true})
	if err != nil {
		d.Broken = kindOf(err)
		return d
	}
	defer log.Close() // only read
	h, err := rt.Examine(log)
	if err = errors.Join(err, log.Check()); err != nil {
		d.Broken = kindOf(err)
	}
	d.Replay, d.Erased, d.Semantics = h.Replay, h.Erasures, h.Semantics
	d.Entries = map[string]uint64{}
	err = rt.Read(log, 1, log.Last(), func(l *rt.Logged) error {
		d.Entries[decision.Kind(l.Kind).String()]++
		if l.Seq == log.Last() {
			d.Declarations = declared(l.Policy())
		}
		return nil
	})
	if err != nil && d.Broken == "" {
		d.Broken = kindOf(err)
	}
	return d
}

// kindOf is the innermost sort of an error.
func kindOf(err error) string {
	for _, c := range causes() {
		if errors.Is(err, c.err) {
			return c.err.Error()
		}
	}
	return fmt.Sprintf("%T", err)
}

func declared(p *policy.Policy) map[string]int {
	return map[string]int{"records": len(p.Records), "rules": len(p.Rules), "alerts": len(p.Alerts),
		"segments": len(p.Segments), "scores": len(p.Scores), "actions": len(p.Actions),
		"journeys": len(p.Journeys), "allocations": len(p.Allocations), "metrics": len(p.Metrics)}
}
