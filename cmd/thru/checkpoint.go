package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/seal"
	"github.com/throughline/throughline/runtime/store/bolt"
)

// signing is what the flags of checkpoint and prove say.
type signing struct {
	db, name, key, out, checkpoint string
	keys                           []string
	show                           bool
}

func (a *app) checkpoint() *cobra.Command {
	var o signing
	c := &cobra.Command{
		Use:   "checkpoint --db FILE --sign KEY",
		Short: a.say("Sign what a log is now.", "为日志的现状签名。"),
		Long: a.say(
			"checkpoint prints how many entries a log has and the root of the tree over them, signed:\n"+
				"a few lines of text to be kept where whoever can write the database cannot, such as a\n"+
				"group chat, a mailbox or another machine. From then on thru verify --checkpoint finds\n"+
				"every change of what was in the log. It reads the log; nobody else has the database open\n"+
				"meanwhile.",
			"checkpoint 输出日志的条目数和其上的树根，并签名：几行文字，应保存在能写数据库的人写不到的地方，\n"+
				"例如群聊、邮箱或另一台机器。此后 thru verify --checkpoint 能发现对已有内容的任何改动。\n"+
				"它只读日志；其间不能有其他程序打开数据库。"),
		Example: "  thru keys new acme.example --out acme.key\n" +
			"  thru checkpoint --db team.db --sign acme.key -o march.txt",
		Args:              a.takes(cobra.NoArgs),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(*cobra.Command, []string) error { return a.signLog(&o) },
	}
	a.signFlags(c, &o)
	return c
}

// signFlags are the flags that checkpoint and prove have in common.
func (a *app) signFlags(c *cobra.Command, o *signing) {
	f := c.Flags()
	f.StringVar(&o.db, "db", "", a.say("database that holds the log", "保存日志的数据库"))
	f.StringVar(&o.key, "sign", "", a.say("file of the private key", "私钥文件"))
	f.StringVar(&o.name, "name", "",
		a.say("what the log is called; the file's name if not given", "日志的名称；默认为文件名"))
	f.StringVarP(&o.out, "out", "o", "", a.say("file to write; - or nothing prints it",
		"写入的文件；- 或不写则输出到屏幕"))
	_ = c.MarkFlagFilename("db", "db") // the flags are there: just made
	_ = c.MarkFlagFilename("sign", "key")
	_ = c.MarkFlagFilename("out")
	_ = c.RegisterFlagCompletionFunc("name", cobra.NoFileCompletions)
}

func (a *app) prove() *cobra.Command {
	var o signing
	c := &cobra.Command{
		Use:   "prove --db FILE {--sign KEY | --checkpoint FILE --key PUBLIC} SEQ",
		Short: a.say("Prove that an entry is in a log.", "证明某个条目在日志中。"),
		Long: a.say(
			"prove writes a proof that an entry is in the log: the entry, the way from it to the root\n"+
				"of the tree, and the signed checkpoint with that root. It is checked without the\n"+
				"database, by thru verify --proof, and tells nothing of other entries. With --show it\n"+
				"holds what came and what was decided as well; without, only that they cannot have been\n"+
				"others.",
			"prove 输出一份证明，说明某个条目在日志中：条目本身、由它到树根的路径，以及含该树根的已签名检查点。\n"+
				"核对（thru verify --proof）不需要数据库，也不透露其他条目。加上 --show 则连同收到的内容和决定一起给出；\n"+
				"不加则只说明它们不可能是别的内容。"),
		Example: "  thru prove --db team.db --sign acme.key --show 17 -o visit.json\n" +
			"  thru prove --db team.db --checkpoint march.txt --key acme.example+1234abcd+Ab… 17",
		Args:              a.takes(cobra.ExactArgs(1)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error {
			seq, err := strconv.ParseUint(args[0], 10, 64)
			if err != nil || seq == 0 {
				return usageError{fmt.Errorf(a.say("an entry is a number such as 17, not %q",
					"条目应为数字（如 17），而不是 %q"), args[0])}
			}
			return a.proveEntry(&o, seq)
		},
	}
	a.signFlags(c, &o)
	f := c.Flags()
	f.StringVar(&o.checkpoint, "checkpoint", "",
		a.say("signed checkpoint to prove it under", "用来证明的已签名检查点"))
	f.StringArrayVar(&o.keys, "key", nil,
		a.say("public key that has signed it; may be repeated", "其签名者的公钥；可重复"))
	f.BoolVar(&o.show, "show", false,
		a.say("show what came and what was decided", "给出收到的内容和决定"))
	_ = c.MarkFlagFilename("checkpoint", "txt") // the flags are there: just made
	_ = c.RegisterFlagCompletionFunc("key", cobra.NoFileCompletions)
	return c
}

// called is the name of the log.
func (o *signing) called() string {
	if o.name != "" {
		return o.name
	}
	return strings.TrimSuffix(filepath.Base(o.db), filepath.Ext(o.db))
}

// sealed opens the log and calls f with its tree and its end.
func (a *app) sealed(o *signing, f func(*seal.Tree, *bolt.Log) error) error {
	if o.db == "" {
		return usageError{errors.New(a.say("name the database: --db FILE", "请给出数据库：--db FILE"))}
	}
	log, err := bolt.Open(o.db, bolt.Options{ReadOnly: true, MustExist: true})
	if err != nil {
		return err
	}
	if log.Last() == 0 {
		return firstOf(runtime.ErrNoPolicy, log.Close())
	}
	return firstOf(f(seal.New(log), log), log.Close())
}

// signed is a checkpoint of the log's end.
func (o *signing) signed(t *seal.Tree, last uint64) (*seal.Checkpoint, []byte, error) {
	text, err := os.ReadFile(o.key)
	if err != nil {
		return nil, nil, err
	}
	k, err := seal.ReadKey(text)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", o.key, err)
	}
	c, err := t.Checkpoint(o.called(), last, time.Now())
	if err != nil {
		return nil, nil, err
	}
	signed, err := k.Sign(c)
	return c, signed, err
}

func (a *app) signLog(o *signing) error {
	if o.key == "" {
		return usageError{errors.New(a.say("name the key: --sign FILE", "请给出私钥：--sign FILE"))}
	}
	return a.sealed(o, func(t *seal.Tree, log *bolt.Log) error {
		c, signed, err := o.signed(t, log.Last())
		if err != nil {
			return err
		}
		if a.json {
			signed, err = json.Marshal(map[string]any{"log": c.Log, "entries": c.Entries,
				"root": c.Root.String(), "at": c.At, "signed": string(signed)})
			if err != nil {
				return err
			}
			signed = append(signed, '\n')
		}
		return a.deliver(o.out, signed)
	})
}

func (a *app) proveEntry(o *signing, seq uint64) error {
	if (o.key == "") == (o.checkpoint == "") {
		return usageError{errors.New(a.say(
			"sign it, --sign KEY, or name what was signed, --checkpoint FILE",
			"请签名 --sign KEY，或给出已签名的检查点 --checkpoint FILE"))}
	}
	if o.checkpoint != "" && len(o.keys) == 0 {
		return usageError{errors.New(a.say("name who signed: --key PUBLIC", "请给出签名者：--key 公钥"))}
	}
	return a.sealed(o, func(t *seal.Tree, log *bolt.Log) error {
		var c *seal.Checkpoint
		var signed []byte
		var err error
		if o.checkpoint == "" {
			c, signed, err = o.signed(t, log.Last())
		} else if c, err = readCheckpoint(o.checkpoint, o.keys); err == nil {
			signed, err = os.ReadFile(o.checkpoint)
		}
		if err != nil {
			return err
		}
		p, err := t.Prove(seq, c, signed, o.show)
		if err != nil {
			return err
		}
		b, err := json.Marshal(p)
		if err != nil {
			return err
		}
		return a.deliver(o.out, append(b, '\n'))
	})
}

// deliver writes to a file, or prints.
func (a *app) deliver(file string, b []byte) error {
	if file == "" || file == "-" {
		_, err := a.out.Write(b)
		return err
	}
	return os.WriteFile(file, b, 0o600)
}
