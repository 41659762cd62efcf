package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	db, name, key, out, checkpoint, since string
	keys                                  []string
	show                                  bool
	far                                   remoteLog
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
		Use: "prove {--db FILE {--sign KEY | --checkpoint FILE --key PUBLIC} | --server URL …} " +
			"{SEQ | --since FILE}",
		Short: a.say("Prove that an entry is in a log, or that the log only went on.",
			"证明某个条目在日志中，或日志只是延续而来。"),
		Long: a.say(
			"prove writes a proof that an entry is in the log: the entry, the way from it to the root\n"+
				"of the tree, and the signed checkpoint with that root. It is checked without the\n"+
				"database, by thru verify --proof, and tells nothing of other entries. With --show it\n"+
				"holds what came and what was decided as well; without, only that they cannot have been\n"+
				"others.\n"+
				"With --since FILE it proves that the log went on from the checkpoint in FILE: whoever kept\n"+
				"that checks it by thru verify --proof … --checkpoint FILE, and learns nothing of any entry.\n"+
				"A running server is asked with --server, --workspace and --server-key; it signs by itself.",
			"prove 输出一份证明，说明某个条目在日志中：条目本身、由它到树根的路径，以及含该树根的已签名检查点。\n"+
				"核对（thru verify --proof）不需要数据库，也不透露其他条目。加上 --show 则连同收到的内容和决定一起给出；\n"+
				"不加则只说明它们不可能是别的内容。\n"+
				"加上 --since FILE 则证明日志由该文件中的检查点延续而来：保存着它的人用\n"+
				"thru verify --proof … --checkpoint FILE 核对，而不会得知任何条目。\n"+
				"对运行中的服务器使用 --server、--workspace 和 --server-key；由服务器自己签名。"),
		Example: "  thru prove --db team.db --sign acme.key --show 17 -o visit.json\n" +
			"  thru prove --db team.db --checkpoint march.txt --key acme.example+1234abcd+Ab… 17\n" +
			"  thru prove --db team.db --sign acme.key --since march.txt -o april.json",
		Args:              a.takes(cobra.MaximumNArgs(1)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			if (len(args) == 1) == (o.since != "") {
				return usageError{errors.New(a.say("name an entry, SEQ, or a checkpoint, --since FILE",
					"请给出条目 SEQ，或检查点 --since FILE"))}
			}
			if o.since != "" {
				return a.proveGrowth(c.Context(), &o)
			}
			seq, err := strconv.ParseUint(args[0], 10, 64)
			if err != nil || seq == 0 {
				return usageError{fmt.Errorf(a.say("an entry is a number such as 17, not %q",
					"条目应为数字（如 17），而不是 %q"), args[0])}
			}
			return a.proveEntry(c.Context(), &o, seq)
		},
	}
	a.signFlags(c, &o)
	a.remoteLogFlags(c, &o.far)
	f := c.Flags()
	f.StringVar(&o.checkpoint, "checkpoint", "",
		a.say("signed checkpoint to prove it under", "用来证明的已签名检查点"))
	f.StringVar(&o.since, "since", "",
		a.say("signed checkpoint from before, that the log went on from", "日志由它延续而来的较早检查点"))
	f.StringArrayVar(&o.keys, "key", nil,
		a.say("public key that has signed it; may be repeated", "其签名者的公钥；可重复"))
	f.BoolVar(&o.show, "show", false,
		a.say("show what came and what was decided", "给出收到的内容和决定"))
	_ = c.MarkFlagFilename("checkpoint", "txt") // the flags are there: just made
	_ = c.MarkFlagFilename("since", "txt")
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

// signKey is the private key to sign with.
func (o *signing) signKey() (*seal.Key, error) {
	text, err := os.ReadFile(o.key)
	if err != nil {
		return nil, err
	}
	k, err := seal.ReadKey(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.key, err)
	}
	return k, nil
}

// signed is a checkpoint of the log's end.
func (o *signing) signed(t *seal.Tree, last uint64) (*seal.Checkpoint, []byte, error) {
	k, err := o.signKey()
	if err != nil {
		return nil, nil, err
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

// named sees to it that the flags say what a proof is made of, and under what.
func (o *signing) named(a *app) error {
	switch {
	case o.far.server != "":
		if o.db != "" || o.key != "" || o.checkpoint != "" {
			return usageError{errors.New(a.say("a server has its own log and signs it itself",
				"服务器有自己的日志并自行签名"))}
		}
	case (o.key == "") == (o.checkpoint == ""):
		return usageError{errors.New(a.say(
			"sign it, --sign KEY, or name what was signed, --checkpoint FILE",
			"请签名 --sign KEY，或给出已签名的检查点 --checkpoint FILE"))}
	case o.checkpoint != "" && len(o.keys) == 0:
		return usageError{errors.New(a.say("name who signed: --key PUBLIC", "请给出签名者：--key 公钥"))}
	}
	return nil
}

// under is the checkpoint that something is proved under: one that was signed, or one of the end.
func (o *signing) under(t *seal.Tree, last uint64) (*seal.Checkpoint, []byte, error) {
	if o.checkpoint == "" {
		return o.signed(t, last)
	}
	c, err := readCheckpoint(o.checkpoint, o.keys)
	if err != nil {
		return nil, nil, err
	}
	signed, err := os.ReadFile(o.checkpoint)
	return c, signed, err
}

// deliverProof writes a proof.
func (a *app) deliverProof(o *signing, p any) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return a.deliver(o.out, append(b, '\n'))
}

func (a *app) proveEntry(ctx context.Context, o *signing, seq uint64) error {
	if err := o.named(a); err != nil {
		return err
	}
	if o.far.server != "" {
		path := "/proofs/entries/" + strconv.FormatUint(seq, 10)
		if o.show {
			path += "?show=true"
		}
		b, err := a.askLog(ctx, &o.far, path)
		if err != nil {
			return err
		}
		return a.deliver(o.out, b)
	}
	return a.sealed(o, func(t *seal.Tree, log *bolt.Log) error {
		c, signed, err := o.under(t, log.Last())
		if err != nil {
			return err
		}
		p, err := t.Prove(seq, c, signed, o.show)
		if err != nil {
			return err
		}
		return a.deliverProof(o, p)
	})
}

// proveGrowth proves that the log went on from a checkpoint from before. The signer's own key is
// taken to have signed that as well.
func (a *app) proveGrowth(ctx context.Context, o *signing) error {
	if err := o.named(a); err != nil {
		return err
	}
	keys := o.keys
	if o.key != "" {
		k, err := o.signKey()
		if err != nil {
			return err
		}
		keys = append(keys, k.Public())
	}
	if len(keys) == 0 {
		return usageError{errors.New(a.say("name who signed: --key PUBLIC", "请给出签名者：--key 公钥"))}
	}
	kept, err := readCheckpoint(o.since, keys)
	if err != nil {
		return err
	}
	if o.far.server != "" {
		b, err := a.askGrowth(ctx, &o.far, kept)
		if err == nil {
			_, err = seal.ReadGrowth(b, kept, keys...)
		}
		if err != nil {
			return err
		}
		return a.deliver(o.out, b)
	}
	return a.sealed(o, func(t *seal.Tree, log *bolt.Log) error {
		c, signed, err := o.under(t, log.Last())
		if err != nil {
			return err
		}
		p, err := t.Grow(kept.Entries, c, signed)
		if err == nil {
			err = seal.Continues(c, kept, p.Path)
		}
		if err != nil {
			return err
		}
		return a.deliverProof(o, p)
	})
}

// remoteLog is what the flags say of a running server whose log is meant.
type remoteLog struct{ server, workspace, key string }

func (a *app) remoteLogFlags(c *cobra.Command, o *remoteLog) {
	f := c.Flags()
	f.StringVar(&o.server, "server", "", a.say("address of a running server", "运行中服务器的地址"))
	f.StringVar(&o.workspace, "workspace", "", a.say("its workspace", "其中的工作区"))
	f.StringVar(&o.key, "server-key", "", a.say("file with a key of the server that may `read`",
		"存有服务器密钥（须有 read 权限）的文件"))
	_ = c.RegisterFlagCompletionFunc("server", cobra.NoFileCompletions) // the flags are there
	_ = c.RegisterFlagCompletionFunc("workspace", cobra.NoFileCompletions)
}

// askLog reads an answer about a workspace's log as it comes.
func (a *app) askLog(ctx context.Context, o *remoteLog, path string) (b []byte, err error) {
	if o.server == "" || o.workspace == "" || o.key == "" {
		return nil, usageError{errors.New(a.say(
			"name the server, --server URL, its --workspace NAME and the key, --server-key FILE",
			"请给出服务器 --server URL、工作区 --workspace NAME 和密钥文件 --server-key FILE"))}
	}
	s, err := serverOf(o.server, o.key)
	if err != nil {
		return nil, err
	}
	s.lang = a.lang.String()
	err = s.get(ctx, pathOf(o.workspace)+path, func(r io.Reader) (err error) {
		b, err = io.ReadAll(io.LimitReader(r, 16<<20))
		return err
	})
	return b, err
}

// askGrowth asks a server for the proof that its log went on from a checkpoint.
func (a *app) askGrowth(ctx context.Context, o *remoteLog, kept *seal.Checkpoint) ([]byte, error) {
	return a.askLog(ctx, o, "/proofs/growth?since="+strconv.FormatUint(kept.Entries, 10))
}

// deliver writes to a file, or prints.
func (a *app) deliver(file string, b []byte) error {
	if file == "" || file == "-" {
		_, err := a.out.Write(b)
		return err
	}
	return os.WriteFile(file, b, 0o600)
}
