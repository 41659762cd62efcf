package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/internal/plural"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/files"
	"github.com/throughline/throughline/runtime/host"
	"github.com/throughline/throughline/runtime/store/bolt"
)

// backing is what the flags of backup say.
type backing struct{ db, data, server, key, out string }

func (a *app) backup() *cobra.Command {
	var o backing
	c := &cobra.Command{
		Use:   "backup {--db FILE | --data DIR | --server URL --key FILE} --out PLACE",
		Short: a.say("Copy databases, also of a running server.", "备份数据库，服务器运行时也可以。"),
		Long: a.say(
			"backup copies a database, or all of a server's folder, each as it is at one moment, and\n"+
				"looks at every page of the copy; the files that its records name come along. A running\n"+
				"server is asked for the copies (--server): it goes on meanwhile. --key names a file with a\n"+
				"key that may `admin`. PLACE is a file for --db, and a folder that is not there yet for the\n"+
				"others. thru restore puts a copy back.",
			"backup 复制一个数据库，或服务器的整个目录，每个都是某一时刻的状态，并检查副本的每一页；\n"+
				"记录引用的文件一并复制。\n"+
				"服务器在运行时向它索取副本（--server），其间它照常工作；--key 是存有 admin 权限密钥的文件。\n"+
				"PLACE 对 --db 是文件，对其他两种是尚不存在的目录。用 thru restore 恢复。"),
		Example: "  thru backup --db team.db --out team-march.db\n" +
			"  thru backup --data /var/lib/throughline --out /backup/2026-03-02\n" +
			"  thru backup --server http://127.0.0.1:7321 --key admin.txt --out /backup/2026-03-02",
		Args:              a.takes(cobra.NoArgs),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.backupAll(c.Context(), &o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.db, "db", "", a.say("one database", "一个数据库"))
	f.StringVar(&o.data, "data", "", a.say("a server's folder; the server is not running",
		"服务器的目录；服务器未运行"))
	f.StringVar(&o.server, "server", "", a.say("address of a running server", "运行中服务器的地址"))
	f.StringVar(&o.key, "key", "", a.say("file with a key of the server", "存有服务器密钥的文件"))
	f.StringVarP(&o.out, "out", "o", "", a.say("where the copies go", "副本的位置"))
	_ = c.MarkFlagFilename("db", "db") // the flags are there: just made
	_ = c.MarkFlagDirname("data")
	_ = c.RegisterFlagCompletionFunc("server", cobra.NoFileCompletions)
	return c
}

// A copied database, and where its copy is.
type copied struct {
	Name string `json:"name"`
	File string `json:"file"`
	Last uint64 `json:"last"`

	Files int `json:"files,omitempty"` // that its records name
}

func (a *app) backupAll(ctx context.Context, o *backing) error {
	given := 0
	for _, s := range []string{o.db, o.data, o.server} {
		if s != "" {
			given++
		}
	}
	if given != 1 || o.out == "" || (o.server == "") != (o.key == "") {
		return usageError{errors.New(a.say(
			"name what to copy, --db, --data or --server with --key, and where to: --out",
			"请给出要复制什么（--db、--data，或 --server 与 --key）以及放到哪里（--out）"))}
	}
	if _, err := os.Stat(o.out); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf(a.say("%s is there already; a copy never overwrites anything",
			"%s 已存在；备份不会覆盖任何内容"), o.out)
	}
	var list []copied
	var err error
	switch {
	case o.db != "":
		c := copied{Name: strings.TrimSuffix(filepath.Base(o.db), ".db"), File: o.out}
		if c.Last, err = copyFile(o.db, o.out); err == nil {
			c.Files, err = files.Copy(o.db, o.out)
		}
		if err == nil {
			_, err = host.CopyWith(o.db, o.out, true)
		}
		list = append(list, c)
	case o.data != "":
		list, err = copyFolder(o.data, o.out)
	default:
		list, err = copyServer(ctx, o)
	}
	if err != nil {
		return err
	}
	for _, c := range list {
		if a.json {
			if err := json.NewEncoder(a.out).Encode(c); err != nil {
				return err
			}
			continue
		}
		plural.Fprintf(a.out, a.say("%s: %d {entry|entries} in %s\n", "%s：%d 个条目，位于 %s\n"), c.Name,
			c.Last, c.File)
		if c.Files > 0 {
			plural.Fprintf(a.out, a.say("%s: %d file{|s} in %s\n", "%s：%d 个文件，位于 %s\n"), c.Name, c.Files,
				files.Beside(c.File))
		}
	}
	return nil
}

func copyFile(from, to string) (uint64, error) {
	log, err := bolt.Open(from, bolt.Options{ReadOnly: true, MustExist: true})
	if err != nil {
		return 0, err
	}
	last, err := keepCopy(to, log.Copy)
	return last, firstOf(err, log.Close())
}

// keepCopy writes a copy beside its place, looks at every page of it, and then puts it there.
func keepCopy(to string, write func(io.Writer) error) (last uint64, err error) {
	f, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".new-*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name()) // it has its own name by then, or is of no use
	err = write(f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return 0, err
	}
	log, err := bolt.Open(f.Name(), bolt.Options{ReadOnly: true, MustExist: true, Inspect: true})
	if err != nil {
		return 0, err
	}
	last = log.Last()
	if err := firstOf(log.Check(), log.Close()); err != nil {
		return 0, err
	}
	return last, os.Rename(f.Name(), to)
}

// copyFolder copies what a server keeps in its folder. It fails while the server runs.
func copyFolder(data, out string) (list []copied, err error) {
	names := []string{"system.db"}
	found, err := filepath.Glob(filepath.Join(data, "workspaces", "*.db"))
	if err != nil {
		return nil, err
	}
	slices.Sort(found)
	for _, f := range found {
		names = append(names, filepath.Join("workspaces", filepath.Base(f)))
	}
	if err := os.MkdirAll(filepath.Join(out, "workspaces"), 0o700); err != nil {
		return nil, err
	}
	for _, name := range names {
		to := filepath.Join(out, name)
		c := copied{Name: strings.TrimSuffix(filepath.Base(name), ".db"), File: to}
		if c.Last, err = copyFile(filepath.Join(data, name), to); err == nil {
			c.Files, err = files.Copy(filepath.Join(data, name), to)
		}
		if err != nil {
			return list, err
		}
		list = append(list, c)
	}
	_, err = host.CopyBeside(data, out)
	return list, err
}

// copyServer asks a running server for copies.
func copyServer(ctx context.Context, o *backing) (list []copied, err error) {
	s, err := serverOf(o.server, o.key)
	if err != nil {
		return nil, err
	}
	var known struct{ Workspaces []string }
	err = s.get(ctx, "/v1/-/workspaces", func(r io.Reader) error {
		return json.NewDecoder(r).Decode(&known)
	})
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(o.out, "workspaces"), 0o700); err != nil {
		return nil, err
	}
	err = s.get(ctx, "/v1/-/backup/beside", func(r io.Reader) error { // before the databases
		_, err := host.UnpackBeside(o.out, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, name := range append([]string{"-"}, known.Workspaces...) {
		c := copied{Name: name, File: filepath.Join(o.out, "workspaces", name+".db")}
		if name == "-" {
			c.Name, c.File = "system", filepath.Join(o.out, "system.db")
		}
		c.Last, err = keepCopy(c.File, func(to io.Writer) error {
			return s.get(ctx, "/v1/"+url.PathEscape(name)+"/backup", func(r io.Reader) error {
				_, err := io.Copy(to, r)
				return err
			})
		})
		if err == nil && name != "-" {
			err = s.get(ctx, "/v1/"+url.PathEscape(name)+"/backup/files", func(r io.Reader) (err error) {
				c.Files, err = files.Open(files.Beside(c.File), files.Options{}).Unpack(r)
				return err
			})
		}
		if err != nil {
			return list, err
		}
		list = append(list, c)
	}
	return list, nil
}

// restoring is what the flags of restore say.
type restoring struct {
	db, until string
	seq       uint64
}

func (a *app) restore() *cobra.Command {
	var o restoring
	c := &cobra.Command{
		Use: "restore BACKUP --db FILE [--until TIME | --seq N]",
		Short: a.say("Make a database out of a copy, as it was at a moment.",
			"由副本恢复数据库，可恢复到某一时刻。"),
		Long: a.say(
			"restore makes a new database out of a copy that thru backup made, or of any database that\n"+
				"nobody has open, after it has verified it. With --until or --seq the log ends there: its\n"+
				"entries are the same and a checkpoint from before still fits; what came later is left out.\n"+
				"An existing file is never overwritten. What was partly erased is restored whole only.",
			"restore 由 thru backup 的副本（或任何无人打开的数据库）核对后生成新的数据库。\n"+
				"用 --until 或 --seq 时日志到此为止：条目不变，此前的检查点依然相符，之后的内容不再包含。\n"+
				"不会覆盖已有文件。删除过部分内容的日志只能整体恢复。"),
		Example: "  thru restore team-march.db --db team.db\n" +
			"  thru restore team-march.db --db team.db --until 2026-03-02T12:00:00+08:00",
		Args: a.takes(cobra.ExactArgs(1)),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string,
			cobra.ShellCompDirective) {
			return []string{"db"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(c *cobra.Command, args []string) error {
			return a.restoreFrom(c.Context(), args[0], &o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.db, "db", "", a.say("database to make", "要生成的数据库"))
	f.StringVar(&o.until, "until", "", a.say("leave out what came after this moment (RFC 3339)",
		"不包含此时刻之后的内容（RFC 3339）"))
	f.Uint64Var(&o.seq, "seq", 0, a.say("leave out what came after this entry",
		"不包含此条目之后的内容"))
	_ = c.MarkFlagFilename("db", "db") // the flags are there: just made
	_ = c.RegisterFlagCompletionFunc("until", cobra.NoFileCompletions)
	_ = c.RegisterFlagCompletionFunc("seq", cobra.NoFileCompletions)
	return c
}

func (a *app) restoreFrom(ctx context.Context, from string, o *restoring) error {
	until := runtime.Until{Seq: o.seq}
	if o.until != "" {
		at, err := time.Parse(time.RFC3339Nano, o.until)
		if err != nil {
			return usageError{fmt.Errorf(a.say("a moment is 2026-03-02T12:00:00+08:00, not %q",
				"时刻应写作 2026-03-02T12:00:00+08:00，而不是 %q"), o.until)}
		}
		until.Moment = at.UnixMicro()
	}
	if o.db == "" || o.seq != 0 && o.until != "" {
		return usageError{errors.New(a.say("name the database to make, --db FILE, and one moment at most",
			"请给出要生成的数据库 --db FILE，时刻最多一个"))}
	}
	if _, err := os.Stat(o.db); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf(a.say("%s is there already; move it away first",
			"%s 已存在；请先移走"), o.db)
	}
	log, err := bolt.Open(from, bolt.Options{ReadOnly: true, MustExist: true, Inspect: true})
	if err != nil {
		return err
	}
	c := copied{Name: o.db, File: o.db}
	if c.Last, err = a.restoreLog(ctx, log, o.db, until); err == nil {
		c.Files, err = files.Copy(from, o.db)
	}
	if err == nil { // an import may be of entries that are left out
		_, err = host.CopyWith(from, o.db, until == runtime.Until{})
	}
	if err := firstOf(err, log.Close()); err != nil {
		return err
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(c)
	}
	plural.Fprintf(a.out, a.say("%s has %d {entry|entries}\n", "%s 有 %d 个条目\n"), o.db, c.Last)
	if c.Files > 0 {
		plural.Fprintf(a.out, a.say("%s has %d file{|s}\n", "%s 有 %d 个文件\n"), files.Beside(o.db), c.Files)
	}
	return nil
}

// restoreLog verifies a log and makes another of it; what was begun goes where it fails.
func (a *app) restoreLog(
	ctx context.Context, log *bolt.Log, db string, until runtime.Until,
) (uint64, error) {
	if err := log.Check(); err != nil {
		return 0, err
	}
	bar := a.meter(a.say("verifying", "核对"), int(log.Last()))
	_, err := runtime.Audit(log, bar.of)
	bar.done()
	if err != nil {
		return 0, err
	}
	if until == (runtime.Until{}) {
		return keepCopy(db, log.Copy)
	}
	to, err := bolt.Open(db, bolt.Options{})
	if err != nil {
		return 0, err
	}
	last, err := runtime.Restore(ctx, log, to, until)
	if err = firstOf(err, to.Close()); err != nil {
		return 0, errors.Join(err, os.Remove(db))
	}
	return last, nil
}
