package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/templates/pack"
	"github.com/throughline/throughline/templates/pack/remote"
)

// publishing is what the flags of publish say.
type publishing struct {
	sourcing
	tested
	to     string
	sign   []string
	dryRun bool
}

func (a *app) publish() *cobra.Command {
	var o publishing
	c := &cobra.Command{
		Use:   "publish [DIR]",
		Short: a.say("Publish a folder as a package, for others to add.", "把目录发布为程序包，供他人引入。"),
		Long: a.say(
			"publish checks the policy in a folder and its layout, runs its tests, and publishes it as\n"+
				"the version that its thru.toml names: to a folder that any web server can hold, to a web\n"+
				"server that takes files (PUT), or to an OCI registry. Without --to it goes where [sources]\n"+
				"of thru.toml takes packages of its name from. A version is published once: the same bytes\n"+
				"again are fine, others are refused. --sign adds a signature: see thru keys. Logins are\n"+
				"docker's: docker login HOST.",
			"publish 检查目录中的策略及其排版、运行测试，并按 thru.toml 中的版本发布：\n"+
				"发布到任何网站服务器都能提供的目录、接受 PUT 的网站服务器，或 OCI 镜像仓库。\n"+
				"不给 --to 时，发布到 thru.toml 的 [sources] 为该名称指定的来源。\n"+
				"一个版本只发布一次：字节相同可以重复发布，不同则拒绝。--sign 加上签名：见 thru keys。\n"+
				"登录信息与 docker 共用：docker login 主机。"),
		Example: "  thru publish --to ../index\n" +
			"  thru publish shelf --to oci://harbor.example/policies --sign acme.key\n" +
			"  thru publish --to https://packages.example/thru --dry-run",
		Args:              a.takes(cobra.MaximumNArgs(1)),
		ValidArgsFunction: folderThen(),
		RunE: func(c *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return a.publishFolder(c.Context(), dir, &o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.to, "to", "", a.say("where to: a folder, https://… or oci://…",
		"发布到：目录、https://… 或 oci://…"))
	f.StringArrayVar(&o.sign, "sign", nil, a.say(
		"sign with the private key in this file; may be repeated", "用该文件中的私钥签名；可重复"))
	f.StringVar(&o.min, "min", "80%", a.say("refuse if its tests cover less", "测试覆盖率低于此值时拒绝"))
	f.BoolVar(&o.dryRun, "dry-run", false, a.say("check everything and publish nothing", "只做检查，不发布"))
	o.plainFlag(a, c)
	_ = c.MarkFlagFilename("sign", "key") // the flags are there: just made
	_ = c.MarkFlagDirname("to")
	return c
}

func (a *app) publishFolder(ctx context.Context, dir string, o *publishing) error {
	if _, err := os.Stat(dir); err != nil {
		return err // Read would call the folder "."
	}
	p, err := pack.Read(os.DirFS(dir), ".")
	if err != nil {
		return err
	}
	if err := sign(p, o.sign); err != nil {
		return err
	}
	to, where, err := a.placeFor(dir, p, o)
	if err != nil {
		return err
	}
	if err := a.fit(dir, o); err != nil {
		return err
	}
	out := pack.Outcome("checked")
	if !o.dryRun {
		if out, err = to.Publish(ctx, p); err != nil {
			return err
		}
	}
	return a.tellPublished(p, where, out)
}

// placeFor is where a package is to be published.
func (a *app) placeFor(dir string, p *pack.Package, o *publishing) (remote.Place, string, error) {
	where := o.to
	if where == "" {
		key, ok := pack.Under(p.Manifest.Sources, p.Name)
		if !ok {
			return nil, "", usageError{fmt.Errorf(a.say(
				"where to? give --to, or a source for %s in [sources] of thru.toml",
				"发布到哪里？请给出 --to，或在 thru.toml 的 [sources] 中为 %s 写明来源"), p.Name)}
		}
		if where = p.Manifest.Sources[key]; !remote.Is(where) && !filepath.IsAbs(where) {
			where = filepath.Join(dir, where)
		}
	}
	if !remote.Is(where) {
		return pack.IndexIn(where), where, nil
	}
	options := o.remotely()
	m := a.meter(p.String(), len(p.Archive()))
	sent := 0
	options.Sent = func(n int) {
		sent += n
		m.at(int64(min(sent, len(p.Archive()))))
	}
	to, err := remote.Open(where, options)
	return to, where, err
}

// fit refuses a package that is not fit for others: with mistakes, in another layout, or with tests
// that fail or see too little of it.
func (a *app) fit(dir string, o *publishing) error {
	files, err := a.policyFiles(dir)
	if err != nil {
		return err
	}
	strange := false
	for _, file := range files {
		words, err := wordsOf(filepath.Dir(file))
		if err != nil {
			return err
		}
		l, err := formatFile(file, syntax.Options{Lang: words}, true)
		if err != nil {
			return err
		}
		if l.Changed {
			strange = true
			fmt.Fprintf(a.err, a.say("%s: not in the one layout; mend it with: thru fmt %s\n",
				"%s：排版不统一；可用 thru fmt %s 修正\n"), file, dir)
		}
	}
	if strange {
		return errFault
	}
	o.cover = true
	if err := a.readTested(&o.tested); err != nil {
		return err
	}
	quiet := *a
	quiet.out = a.err // the answer is what was published; this is on the way to it
	quiet.json = false
	return quiet.runTests(dir, &o.tested)
}

// sign signs a package with the keys in files.
func sign(p *pack.Package, files []string) error {
	for _, name := range files {
		k, err := readKey(name)
		if err != nil {
			return err
		}
		if err := k.Sign(p); err != nil {
			return err
		}
	}
	return nil
}

// errOpenKey is the error of a private key that others can read.
var errOpenKey = errors.New("others can read this private key; keep it to yourself: chmod 600")

func readKey(name string) (*pack.Key, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s: %w", name, errOpenKey)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	k, err := pack.ReadKey(text)
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return k, err
}

func (a *app) tellPublished(p *pack.Package, where string, out pack.Outcome) error {
	var by []string
	for _, s := range p.Signed {
		by = append(by, s.Signer())
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(struct {
			Name    string       `json:"name"`
			Version string       `json:"version"`
			Hash    string       `json:"hash"`
			To      string       `json:"to"`
			Outcome pack.Outcome `json:"outcome"`
			Signed  []string     `json:"signed,omitempty"`
		}{p.Name, p.Version, p.Hash, where, out, by})
	}
	text := map[pack.Outcome]string{
		pack.Published: a.say("published", "已发布"),
		pack.Signed:    a.say("there already; its signatures are new", "已存在；新增签名"),
		pack.There:     a.say("there already, with the same bytes", "已存在，字节相同"),
		"checked":      a.say("fit to publish; nothing is published", "可以发布；尚未发布"),
	}[out]
	_, err := fmt.Fprintf(a.out, "%s  %s  %s: %s\n", p, p.Hash, where, text)
	return err
}

func (a *app) keys() *cobra.Command {
	c := &cobra.Command{
		Use:   "keys",
		Short: a.say("Make keys that sign packages and logs.", "生成为程序包和日志签名的密钥。"),
		Long: a.say(
			"keys makes the keys with which packages are signed and signatures are checked (Ed25519).\n"+
				"The private key stays with whoever publishes: thru publish --sign FILE. The public key goes\n"+
				"into [trust] of the thru.toml of whoever adds packages; what it names is then refused\n"+
				"unless it is signed. The same keys sign checkpoints of a log: thru checkpoint --sign FILE.",
			"keys 生成为程序包签名和核对签名的密钥（Ed25519）。私钥留在发布者手中：thru publish --sign 文件。\n"+
				"公钥写入使用者 thru.toml 的 [trust]；其中列出的名称此后没有签名就会被拒绝。\n"+
				"同样的密钥也为日志的检查点签名：thru checkpoint --sign 文件。"),
		Example: "  thru keys new acme.example --out acme.key\n  thru keys show acme.key",
		Args:    a.takes(cobra.NoArgs),
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.newKey(), a.showKey())
	for _, sub := range c.Commands() {
		sub.InitDefaultHelpFlag()
		sub.Flags().Lookup("help").Usage = a.say("show this help", "显示本帮助")
	}
	return c
}

func (a *app) newKey() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "new NAME",
		Short: a.say("Make a private key.", "生成私钥。"),
		Long: a.say(
			"new writes a private key into a file that only you can read, and prints its public key.\n"+
				"NAME is what people will see of it: a domain of yours, for example.",
			"new 把私钥写入只有你能读的文件，并输出公钥。NAME 是他人看到的名称，例如你的域名。"),
		Example:           "  thru keys new acme.example --out acme.key",
		Args:              a.takes(cobra.ExactArgs(1)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error {
			if out == "" {
				out = filepath.Base(args[0]) + ".key"
			}
			text, err := pack.NewKey(args[0])
			if err != nil {
				return usageError{err}
			}
			f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if errors.Is(err, fs.ErrExist) {
				return fmt.Errorf(a.say("%s is there already; a key is never overwritten",
					"%s 已存在；密钥不会被覆盖"), out)
			}
			if err != nil {
				return err
			}
			_, err = f.Write(text)
			if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
				return errors.Join(err, os.Remove(out))
			}
			return a.tellKey(out)
		},
	}
	c.Flags().StringVarP(&out, "out", "o", "", a.say("file to write; NAME.key if not given",
		"写入的文件；默认为 NAME.key"))
	_ = c.MarkFlagFilename("out", "key") // the flag is there: just made
	return c
}

func (a *app) showKey() *cobra.Command {
	return &cobra.Command{
		Use:     "show FILE",
		Short:   a.say("Print the public key of a private one.", "输出私钥对应的公钥。"),
		Long:    a.say("show prints the public key of the private key in a file.", "show 输出文件中私钥对应的公钥。"),
		Example: "  thru keys show acme.key",
		Args:    a.takes(cobra.ExactArgs(1)),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string,
			cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return []string{"key"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.tellKey(args[0]) },
	}
}

// tellKey prints the public key of a key file, and says what to do with it.
func (a *app) tellKey(file string) error {
	k, err := readKey(file)
	if err != nil {
		return err
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]string{"file": file, "public": k.Public()})
	}
	if _, err := fmt.Fprintln(a.out, k.Public()); err != nil {
		return err
	}
	fmt.Fprintf(a.err, a.say(
		"others put it into [trust] of their thru.toml: \"acme\" = [%q]; "+
			"sign with: thru publish --sign %s\n",
		"他人把它写入 thru.toml 的 [trust]：\"acme\" = [%q]；签名用：thru publish --sign %s\n"),
		k.Public(), file)
	return nil
}
