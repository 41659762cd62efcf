package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/files"
	"github.com/throughline/throughline/runtime/seal"
	"github.com/throughline/throughline/runtime/store/bolt"
)

// held is what the flags of verify say.
type held struct {
	db, checkpoint, proof string
	keys                  []string
}

func (a *app) verifyLog() *cobra.Command {
	var o held
	c := &cobra.Command{
		Use:   "verify {--db FILE [--checkpoint FILE] | --proof FILE} [--key PUBLIC]",
		Short: a.say("Check that a log is what it was.", "核对日志是否原样未变。"),
		Long: a.say(
			"verify looks at every page of a database, walks the chain of its log from the first entry\n"+
				"to the last, and refuses it where one byte of anything that is read has changed, or where\n"+
				"something is missing that was not erased. Who can write the file can write another log\n"+
				"that is whole: a signed checkpoint from before, kept elsewhere, shows whether it is the\n"+
				"same (--checkpoint). A proof (thru prove) is checked by itself, without the database.\n"+
				"Nobody else has the database open meanwhile.",
			"verify 检查数据库的每一页，从第一个条目到最后一个逐一核对日志链；凡会被读取的内容变了一个字节，\n"+
				"或者有内容缺失而又没有删除记录，就拒绝这个文件。能写文件的人可以写出另一份完整的日志：\n"+
				"保存在别处的已签名检查点可以说明是否还是同一份（--checkpoint）。\n"+
				"证明（thru prove）单独核对，不需要数据库。核对期间不能有其他程序打开数据库。"),
		Example: "  thru verify --db team.db\n" +
			"  thru verify --db team.db --checkpoint march.txt --key acme.example+1234abcd+Ab…\n" +
			"  thru verify --proof visit.json --key acme.example+1234abcd+Ab…",
		Args:              a.takes(cobra.NoArgs),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(*cobra.Command, []string) error { return a.hold(&o) },
	}
	f := c.Flags()
	f.StringVar(&o.db, "db", "", a.say("database that holds the log", "保存日志的数据库"))
	f.StringVar(&o.checkpoint, "checkpoint", "",
		a.say("signed checkpoint that the log must have gone on from", "日志须由它延续而来的已签名检查点"))
	f.StringVar(&o.proof, "proof", "", a.say("proof to check", "要核对的证明"))
	f.StringArrayVar(&o.keys, "key", nil,
		a.say("public key that has signed; may be repeated", "签名者的公钥；可重复"))
	_ = c.MarkFlagFilename("db", "db") // the flags are there: just made
	_ = c.MarkFlagFilename("checkpoint", "txt")
	_ = c.MarkFlagFilename("proof", "json")
	_ = c.RegisterFlagCompletionFunc("key", cobra.NoFileCompletions)
	return c
}

func (a *app) hold(o *held) error {
	switch {
	case (o.db == "") == (o.proof == ""):
		return usageError{errors.New(a.say("name the database, --db FILE, or a proof, --proof FILE",
			"请给出数据库 --db FILE，或证明 --proof FILE"))}
	case o.proof != "" && o.checkpoint != "":
		return usageError{errors.New(a.say("a proof has its checkpoint in it", "证明中已含检查点"))}
	case len(o.keys) == 0 && (o.proof != "" || o.checkpoint != ""):
		return usageError{errors.New(a.say("name who signed: --key PUBLIC", "请给出签名者：--key 公钥"))}
	case o.proof != "":
		return a.holdProof(o)
	}
	log, err := bolt.Open(o.db, bolt.Options{ReadOnly: true, MustExist: true, Inspect: true})
	if err != nil {
		return err
	}
	return firstOf(a.holdLog(log, o), log.Close())
}

// heldLog is what verify says of a log.
type heldLog struct {
	Last    uint64 `json:"last"`
	Head    string `json:"head"`
	Root    string `json:"root"`
	Erased  uint64 `json:"erased"`
	Files   int    `json:"files,omitempty"`
	Since   uint64 `json:"since,omitempty"` // entries of the checkpoint that it went on from
	Signed  string `json:"signed,omitempty"`
	Whole   bool   `json:"whole"`
	Problem string `json:"problem,omitempty"`
}

func (a *app) holdLog(log *bolt.Log, o *held) error {
	err := log.Check()
	out := heldLog{}
	if err == nil {
		bar := a.meter(a.say("verifying", "核对"), int(log.Last()))
		var found runtime.Audited
		found, err = runtime.Audit(log, bar.of)
		bar.done()
		out.Last, out.Head, out.Erased = found.Last, fmt.Sprintf("%x", found.Head), found.Erased
	}
	if err == nil {
		err = out.compare(log, o)
	}
	if err == nil {
		err = a.holdFiles(o.db, &out)
	}
	if err != nil {
		out.Problem = err.Error()
		if a.json {
			err = errors.Join(errFault, json.NewEncoder(a.out).Encode(heldLog{Problem: out.Problem}))
			return err
		}
		fmt.Fprintf(a.out, a.say("NOT WHOLE: %s\n", "不完整：%s\n"), a.words(err))
		return errFault
	}
	out.Whole = true
	if a.json {
		return json.NewEncoder(a.out).Encode(out)
	}
	fmt.Fprintf(a.out, a.say("whole: %d entries, %d of them erased\n  head %s\n  root %s\n",
		"完整：%d 个条目，其中 %d 个已删除内容\n  链尾 %s\n  树根 %s\n"),
		out.Last, out.Erased, out.Head, out.Root)
	if out.Files > 0 {
		fmt.Fprintf(a.out, a.say("  %d files are what they were\n", "  %d 个文件与原来一致\n"), out.Files)
	}
	if out.Since > 0 {
		fmt.Fprintf(a.out, a.say("it went on from the %d entries that were signed at %s\n",
			"由 %d 个条目时的检查点（签于 %s）延续而来\n"), out.Since, out.Signed)
	}
	return nil
}

// holdFiles holds the files beside a database to their hashes, by which the log names them.
func (a *app) holdFiles(db string, out *heldLog) error {
	c, err := files.Open(files.Beside(db), files.Options{}).Check(true)
	if out.Files = c.Files; err != nil || len(c.Wrong) == 0 {
		return err
	}
	return fmt.Errorf(a.say("%d files of %d; the first, %s, is %s", "%d 个文件（共 %d 个）；第一个 %s %s"),
		len(c.Wrong), c.Files, c.Wrong[0].Hash, a.wrongFile(c.Wrong[0]))
}

// compare works out the root, and holds the log against a checkpoint where one is given.
func (h *heldLog) compare(log *bolt.Log, o *held) error {
	tree := seal.New(log)
	root, err := tree.Root(h.Last)
	if err != nil || o.checkpoint == "" {
		h.Root = root.String()
		return err
	}
	h.Root = root.String()
	c, err := readCheckpoint(o.checkpoint, o.keys)
	if err != nil {
		return err
	}
	if c.Entries > h.Last {
		return fmt.Errorf("%w: %d entries were signed, and the log has %d", seal.ErrProof, c.Entries,
			h.Last)
	}
	was, err := tree.Root(c.Entries)
	if err != nil {
		return err
	}
	if was != c.Root {
		return fmt.Errorf("%w: its first %d entries are not those that were signed", seal.ErrProof,
			c.Entries)
	}
	h.Since, h.Signed = c.Entries, c.At.Format(time.RFC3339)
	return nil
}

func readCheckpoint(file string, keys []string) (*seal.Checkpoint, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c, err := seal.Open(b, keys...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return c, nil
}

// holdProof checks a proof without the log.
func (a *app) holdProof(o *held) error {
	b, err := os.ReadFile(o.proof)
	if err != nil {
		return err
	}
	p, err := seal.ReadProof(b, o.keys...)
	if err != nil {
		if a.json {
			return errors.Join(errFault, json.NewEncoder(a.out).Encode(map[string]any{
				"proved": false, "problem": err.Error()}))
		}
		fmt.Fprintf(a.out, a.say("NOT PROVED: %s\n", "未得到证明：%s\n"), a.words(err))
		return errFault
	}
	at := time.UnixMicro(p.Moment).UTC().Format(time.RFC3339Nano)
	kind := decision.Kind(p.Kind).String()
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]any{"proved": true, "seq": p.Seq, "kind": kind,
			"at": at, "log": p.Checkpoint.Log, "entries": p.Checkpoint.Entries,
			"signed": p.Checkpoint.At, "payload": string(p.Payload)})
	}
	fmt.Fprintf(a.out, a.say(
		"proved: entry %d (%s) of %s is in the log of %s, as it was signed at %s\n",
		"已证明：%[3]s 的条目 %[1]d（%[2]s）在日志 %[4]s 中，该日志签于 %[5]s\n"),
		p.Seq, kind, at, p.Checkpoint.Log, p.Checkpoint.At.Format(time.RFC3339))
	if len(p.Payload) > 0 {
		fmt.Fprintf(a.out, "%s\n", p.Payload)
	}
	return nil
}
