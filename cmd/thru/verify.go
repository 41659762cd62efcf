package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/internal/plural"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/files"
	"github.com/throughline/throughline/runtime/seal"
	"github.com/throughline/throughline/runtime/store/bolt"
)

// held is what the flags of verify say.
type held struct {
	db, checkpoint, proof string
	keys                  []string
	far                   remoteLog
}

func (a *app) verifyLog() *cobra.Command {
	var o held
	c := &cobra.Command{
		Use: "verify {--db FILE [--checkpoint FILE] | --proof FILE [--checkpoint FILE] | " +
			"--server URL … --checkpoint FILE} [--key PUBLIC]",
		Short: a.say("Check that a log is what it was.", "核对日志是否原样未变。"),
		Long: a.say(
			"verify looks at every page of a database, walks the chain of its log from the first entry\n"+
				"to the last, and refuses it where one byte of anything that is read has changed, or where\n"+
				"something is missing that was not erased. Who can write the file can write another log\n"+
				"that is whole: a signed checkpoint from before, kept elsewhere, shows whether it is the\n"+
				"same (--checkpoint). A proof (thru prove) is checked by itself, without the database; one\n"+
				"that the log went on needs the checkpoint from before. With --server a running server has\n"+
				"to prove that its log of this moment went on from the checkpoint: all that is believed is\n"+
				"the public key. Nobody else has the database open meanwhile.",
			"verify 检查数据库的每一页，从第一个条目到最后一个逐一核对日志链；凡会被读取的内容变了一个字节，\n"+
				"或者有内容缺失而又没有删除记录，就拒绝这个文件。能写文件的人可以写出另一份完整的日志：\n"+
				"保存在别处的已签名检查点可以说明是否还是同一份（--checkpoint）。\n"+
				"证明（thru prove）单独核对，不需要数据库；日志延续的证明还需要较早的检查点。\n"+
				"加上 --server，运行中的服务器须证明它此刻的日志由检查点延续而来：唯一需要相信的是公钥。\n"+
				"核对期间不能有其他程序打开数据库。"),
		Example: "  thru verify --db team.db\n" +
			"  thru verify --db team.db --checkpoint march.txt --key acme.example+1234abcd+Ab…\n" +
			"  thru verify --proof visit.json --key acme.example+1234abcd+Ab…\n" +
			"  thru verify --server http://127.0.0.1:7321 --workspace team --server-key audit.txt \\\n" +
			"    --checkpoint march.txt --key acme.example+1234abcd+Ab…",
		Args:              a.takes(cobra.NoArgs),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(c *cobra.Command, _ []string) error { return a.hold(c.Context(), &o) },
	}
	a.remoteLogFlags(c, &o.far)
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

func (a *app) hold(ctx context.Context, o *held) error {
	given := 0
	for _, s := range []string{o.db, o.proof, o.far.server} {
		if s != "" {
			given++
		}
	}
	switch {
	case given != 1:
		return usageError{errors.New(a.say(
			"name the database, --db FILE, a proof, --proof FILE, or a server, --server URL",
			"请给出数据库 --db FILE、证明 --proof FILE，或服务器 --server URL"))}
	case len(o.keys) == 0 && (o.db == "" || o.checkpoint != ""):
		return usageError{errors.New(a.say("name who signed: --key PUBLIC", "请给出签名者：--key 公钥"))}
	case o.proof != "":
		return a.holdProof(o)
	case o.far.server != "":
		return a.holdServer(ctx, o)
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
	plural.Fprintf(a.out, a.say("whole: %d {entry|entries}, %d of them erased\n  head %s\n  root %s\n",
		"完整：%d 个条目，其中 %d 个已删除内容\n  链尾 %s\n  树根 %s\n"),
		out.Last, out.Erased, out.Head, out.Root)
	if out.Files > 0 {
		plural.Fprintf(a.out, a.say("  %d file{ is what it was|s are what they were}\n",
			"  %d 个文件与原来一致\n"), out.Files)
	}
	if out.Since > 0 {
		plural.Fprintf(a.out, a.say("it went on from the %d {entry that was|entries that were} "+
			"signed at %s\n",
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
	return plural.Errorf(a.say("%d file{|s} of %d; the first, %s, is %s", "%d 个文件（共 %d 个）；第一个 %s %s"),
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
		return seal.Unproved("%d entries were signed, and the log has %d",
			"签名时有 %d 个条目，而日志只有 %d 个", c.Entries, h.Last)
	}
	was, err := tree.Root(c.Entries)
	if err != nil {
		return err
	}
	if was != c.Root {
		return seal.Unproved("its first %d entries are not those that were signed",
			"它的前 %d 个条目不是签名时的那些", c.Entries)
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

// holdServer has a running server prove that its log went on from a checkpoint.
func (a *app) holdServer(ctx context.Context, o *held) error {
	if o.checkpoint == "" {
		return usageError{errors.New(a.say("name what was signed before: --checkpoint FILE",
			"请给出较早的检查点：--checkpoint FILE"))}
	}
	kept, err := readCheckpoint(o.checkpoint, o.keys)
	if err != nil {
		return err
	}
	b, err := a.askGrowth(ctx, &o.far, kept)
	var no *refusal
	switch {
	case errors.As(err, &no) && no.code == "other-log": // the server itself says so
		return a.unproved(err)
	case err != nil:
		return err
	}
	return a.holdGrowth(b, kept, o.keys)
}

// unproved says that something is not proved.
func (a *app) unproved(err error) error {
	if a.json {
		return errors.Join(errFault, json.NewEncoder(a.out).Encode(map[string]any{
			"proved": false, "problem": err.Error()}))
	}
	why := strings.TrimPrefix(strings.TrimPrefix(a.words(err), "not proved: "), "未得到证明：")
	fmt.Fprintf(a.out, a.say("NOT PROVED: %s\n", "未得到证明：%s\n"), why)
	return errFault
}

// holdGrowth checks a proof that a log went on from a checkpoint.
func (a *app) holdGrowth(b []byte, kept *seal.Checkpoint, keys []string) error {
	c, err := seal.ReadGrowth(b, kept, keys...)
	if err != nil {
		return a.unproved(err)
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]any{"proved": true, "log": c.Log,
			"entries": c.Entries, "root": c.Root.String(), "signed": c.At, "since": kept.Entries,
			"since_signed": kept.At})
	}
	fmt.Fprintf(a.out, a.say(
		"proved: the log of %s, %d entries as it was signed at %s,\n"+
			"  went on from the %d entries that were signed at %s\n",
		"已证明：日志 %s（签于 %[3]s，%[2]d 个条目）\n  由 %[4]d 个条目时的检查点（签于 %[5]s）延续而来\n"),
		c.Log, c.Entries, c.At.Format(time.RFC3339), kept.Entries, kept.At.Format(time.RFC3339))
	return nil
}

// holdProof checks a proof without the log.
func (a *app) holdProof(o *held) error {
	b, err := os.ReadFile(o.proof)
	if err != nil {
		return err
	}
	switch growth := seal.IsGrowth(b); {
	case growth && o.checkpoint == "":
		return usageError{errors.New(a.say(
			"it proves that a log went on: name the checkpoint from before, --checkpoint FILE",
			"它证明日志的延续：请给出较早的检查点 --checkpoint FILE"))}
	case growth:
		kept, err := readCheckpoint(o.checkpoint, o.keys)
		if err != nil {
			return err
		}
		return a.holdGrowth(b, kept, o.keys)
	case o.checkpoint != "":
		return usageError{errors.New(a.say("a proof of an entry has its checkpoint in it",
			"条目的证明中已含检查点"))}
	}
	p, err := seal.ReadProof(b, o.keys...)
	if err != nil {
		return a.unproved(err)
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
