package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/ingest"
	imports "github.com/throughline/throughline/runtime/intake"
)

// importing is what the flags of import say.
type importing struct {
	distant
	typ, sheet, at, use, returned string
	try                           bool
}

func (a *app) importTable() *cobra.Command {
	var o importing
	c := &cobra.Command{
		Use:   "import WORKSPACE TABLE --server URL --key FILE",
		Short: a.say("Take a table into a running server.", "把表格导入运行中的服务器。"),
		Long: a.say(
			"import sends a table (.csv, .tsv, .xlsx, as people keep it) to a running server, which says\n"+
				"which column is which field and takes the rows in beside everything else; neither an\n"+
				"interrupt here nor a restart there ends that. --map names a mapping: a file, as thru map\n"+
				"writes it, or one that the server keeps. --dry-run only tries. What is refused comes back\n"+
				"as the same table with reasons (--returned). thru import undo takes all of it back, within\n"+
				"seven days.",
			"import 把表格（.csv、.tsv、.xlsx，日常使用的样子）交给运行中的服务器；它说明每一列是哪个字段，\n"+
				"并在其他工作之外逐行导入，这里中断或服务器重启都不会终止导入。--map 给出映射：thru map 写出的文件，\n"+
				"或服务器保存的映射的名称。--dry-run 只试不导。被拒绝的行以同样的表格附上原因退回（--returned）。\n"+
				"thru import undo 可在七天内全部撤回。"),
		Example: "  thru import east 门店档案.xlsx --dry-run" + elsewhere + "\n" +
			"  thru import east visits.csv --map visits.toml --returned back.xlsx" + elsewhere + "\n" +
			"  thru import undo east 20260302-093000-4f0c9a81" + elsewhere,
		Args: a.takes(cobra.ExactArgs(2)),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string,
			cobra.ShellCompDirective) {
			if len(args) == 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return []string{"csv", "tsv", "txt", "xlsx"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(c *cobra.Command, args []string) error {
			return a.importIt(c.Context(), &o, args[0], args[1])
		},
	}
	a.remoteFlags(c, &o.distant)
	f := c.Flags()
	f.StringVar(&o.typ, "type", "", a.say(
		"entity or event that the rows are; without it the one that fits best",
		"各行是哪种对象或事件；不给时取最合适的"))
	f.StringVar(&o.sheet, "sheet", "", a.say("worksheet, if not the first", "工作表，不是第一个时给出"))
	f.StringVar(&o.at, "at", "", a.say("when rows without a moment count; today", "没有时间的行算在何时；默认今天"))
	f.StringVar(&o.use, "map", "", a.say("mapping: a file, or the name of one that the server keeps",
		"映射：文件，或服务器所存映射的名称"))
	f.StringVar(&o.returned, "returned", "", a.say("file for the rows that are refused, .xlsx or .csv",
		"被拒绝的行写入的文件，.xlsx 或 .csv"))
	f.BoolVar(&o.try, "dry-run", false, a.say("only try", "只试，不导入"))
	_ = c.MarkFlagFilename("map", "toml") // the flags are there: just made
	_ = c.MarkFlagFilename("returned", "xlsx", "csv")
	c.AddCommand(a.undoImport(&o.distant))
	return c
}

func (a *app) undoImport(o *distant) *cobra.Command {
	return &cobra.Command{
		Use:   "undo WORKSPACE IMPORT --server URL --key FILE",
		Short: a.say("Take back what an import brought.", "撤回一次导入带来的内容。"),
		Long: a.say(
			"undo retracts the events that an import brought, deletes the entities that were new, and\n"+
				"gives the others the values that they had. What somebody has changed since stays.",
			"undo 撤回导入带来的事件，删除新增的对象，并让其他对象恢复原来的值。此后被人改动过的保持不变。"),
		Example:           "  thru import undo east 20260302-093000-4f0c9a81" + elsewhere,
		Args:              a.takes(cobra.ExactArgs(2)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.reach(o)
			if err != nil {
				return err
			}
			at := pathOf(args[0], "imports", args[1])
			var j imports.Job
			if err := s.ask(c.Context(), inquiry{http.MethodPost, at + "/undo", nil, &j}); err != nil {
				return err
			}
			if err := a.await(c.Context(), s, at, &j); err != nil {
				return err
			}
			if a.json {
				return json.NewEncoder(a.out).Encode(j)
			}
			fmt.Fprintf(a.out, a.say("taken back: %d; left, since they were changed: %d\n",
				"已撤回 %d；此后被改动而保留 %d\n"), j.Undo.Back, j.Undo.Left)
			return nil
		},
	}
}

func (a *app) importIt(ctx context.Context, o *importing, workspace, table string) error {
	ext := strings.TrimPrefix(strings.ToLower(filepath.Ext(o.returned)), ".")
	if o.returned != "" && ext != "csv" && ext != "xlsx" {
		return usageError{fmt.Errorf(a.say("--returned is an .xlsx or .csv file, not %s",
			"--returned 应为 .xlsx 或 .csv 文件，而不是 %s"), o.returned)}
	}
	s, err := a.reach(&o.distant)
	if err != nil {
		return err
	}
	x, err := o.sendTable(ctx, s, workspace, table)
	if err != nil {
		return err
	}
	at := pathOf(workspace, "imports", x.ID)
	if !a.json {
		a.tellImport(x)
	}
	j := &x.Job
	if !o.try {
		if err := s.ask(ctx, inquiry{http.MethodPost, at + "/start", nil, j}); err != nil {
			return err
		}
		if err := a.await(ctx, s, at, j); err != nil {
			return err
		}
	}
	if o.returned != "" {
		err = s.get(ctx, at+"/returned?as="+ext, func(r io.Reader) error {
			b, err := io.ReadAll(r)
			if err != nil {
				return err
			}
			return os.WriteFile(o.returned, b, 0o666)
		})
		if err != nil {
			return err
		}
	}
	return a.tellJob(x)
}

// sendTable sends a table, and the mapping where it is a file.
func (o *importing) sendTable(
	ctx context.Context, s *serverAt, workspace, table string,
) (*api.Import, error) {
	data, err := os.ReadFile(table)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", filepath.Base(table))
	if err == nil {
		_, err = part.Write(data)
	}
	if err = errors.Join(err, form.Close()); err != nil {
		return nil, err
	}
	q := url.Values{"type": {o.typ}, "sheet": {o.sheet}, "at": {o.at}}
	text, bad := os.ReadFile(o.use)
	if bad != nil {
		q.Set("mapping", o.use)
	}
	for key := range q { //tidy:order each by itself
		if q.Get(key) == "" {
			q.Del(key)
		}
	}
	at := pathOf(workspace, "imports")
	x := new(api.Import)
	err = s.send(ctx, &parcel{at + "?" + q.Encode(), form.FormDataContentType(), &b}, x)
	if err == nil && o.use != "" && bad == nil {
		err = s.ask(ctx, inquiry{http.MethodPut, at + "/" + x.ID,
			map[string]string{"mapping": string(text)}, x})
	}
	return x, err
}

// await waits until an import does not run any more.
func (a *app) await(ctx context.Context, s *serverAt, at string, j *imports.Job) error {
	bar := a.meter(a.say("rows", "行"), j.Rows)
	defer bar.done()
	for j.State == imports.Running || j.State == imports.Undoing {
		done := j.Done
		if j.Undo != nil {
			done = j.Undo.Done
		}
		bar.at(int64(done))
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
		*j = imports.Job{}
		if err := s.ask(ctx, inquiry{http.MethodGet, at, nil, j}); err != nil {
			return err
		}
	}
	return nil
}

// tellImport says what the server makes of a table.
func (a *app) tellImport(x *api.Import) {
	m, err := ingest.ReadMapping(x.Mapping)
	if err != nil {
		m = &ingest.Mapping{Type: x.Type}
	}
	var guesses []ingest.Guess
	for _, c := range x.Columns {
		guesses = append(guesses, ingest.Guess{Header: c.Column, Field: c.Field, Confidence: c.Confidence,
			Samples: c.Samples})
	}
	a.tellGuesses(m, guesses)
	r := &ingest.Report{Type: x.Type, Rows: x.Report.Rows, New: x.Report.New, Update: x.Report.Update,
		Again: x.Report.Again, Refused: x.Report.Refused}
	for _, p := range x.Report.Problems {
		one := ingest.Problem{Code: p.Code, Field: p.Field, Refuses: p.Refuses, Count: p.Count}
		for _, e := range p.Examples {
			one.Examples = append(one.Examples, ingest.Example(e))
		}
		r.Problems = append(r.Problems, one)
	}
	a.tellReport(r)
}

// tellJob says what became of the rows; what failed fails here as well.
func (a *app) tellJob(x *api.Import) error {
	j := &x.Job
	if a.json {
		if err := json.NewEncoder(a.out).Encode(x); err != nil {
			return err
		}
	} else if j.Began != nil {
		fmt.Fprintf(a.out, a.say("import %s: %s, %d of %d rows\n", "导入 %s：%s，%d/%d 行\n"), j.ID,
			a.stateOf(j.State), j.Done, j.Rows)
		for _, outcome := range slices.Sorted(maps.Keys(j.Counts)) {
			fmt.Fprintf(a.out, "  %s  %d\n", outcome, j.Counts[outcome])
		}
	}
	if j.State == imports.Failed {
		return errors.New(j.Why)
	}
	return nil
}

func (a *app) stateOf(s string) string {
	zh := map[string]string{imports.Ready: "待开始", imports.Running: "进行中", imports.Done: "完成",
		imports.Cancelled: "已取消", imports.Failed: "失败", imports.Undoing: "撤回中", imports.Undone: "已撤回"}
	return a.say(s, zh[s])
}
