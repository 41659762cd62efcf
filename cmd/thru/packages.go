package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/diff"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/templates/pack"
)

// packaging is what the flags of add, remove and update say.
type packaging struct {
	sourcing
	dir    string   // the workspace
	named  []string // what is to be added
	dryRun bool
	force  bool
}

func (o *packaging) flags(a *app, c *cobra.Command, fetches bool) {
	c.Flags().StringVarP(&o.dir, "in", "C", ".", a.say("the workspace's folder", "工作区目录"))
	c.Flags().BoolVar(&o.dryRun, "dry-run", false,
		a.say("say what would change and write nothing", "只说明会有什么变化，不写入"))
	c.Flags().BoolVar(&o.force, "force", false,
		a.say("write even where the policy then has errors", "即使策略因此出错也写入"))
	_ = c.MarkFlagDirname("in") // the flag is there: just made
	if fetches {
		o.sourcing.flags(a, c)
		a.frozenFlag(c)
	}
}

func (a *app) add() *cobra.Command {
	var o packaging
	c := &cobra.Command{
		Use:   "add [NAME[@VERSION]…]",
		Short: a.say("Require packages: their names can then be imported.", "引入程序包：之后可以引入其中的名称。"),
		Long: a.say(
			"add writes packages into [requires] of thru.toml, works out which versions that comes to\n"+
				"with all they require, checks the policy with them and shows what changes. Only then it\n"+
				"writes thru.toml, thru.lock with a hash of each package's bytes, and the archives in\n"+
				".thru/packages. Without names it fetches what thru.toml and thru.lock ask for. Packages\n"+
				"come from --from, else from where [sources] of thru.toml says, else from the library in\n"+
				"this program. What an import would bring, and what it would clash with, is told before\n"+
				"anything is written. In the policy, `import NAME` and `use NAME.Action as …` bind a\n"+
				"template to your own records.",
			"add 把程序包写入 thru.toml 的 [requires]，算出连同其依赖最终用哪些版本，带着它们检查策略，\n"+
				"并说明变化；然后才写入 thru.toml、记录各包字节哈希的 thru.lock 和 .thru/packages 中的归档。\n"+
				"不给名称时，取得 thru.toml 和 thru.lock 所要求的程序包。程序包来自 --from，\n"+
				"其次是 thru.toml 的 [sources]，最后是本程序自带的库。写入之前先说明引入会带来什么、\n"+
				"与什么冲突。在策略中用 `引入 名称` 和 `采用 名称.动作 作为 …` 把模板绑定到自己的记录。"),
		Example: "  thru add fmcg.listing\n  thru add fmcg.listing@1.0.0 --in policies/east-china\n" +
			"  thru add acme.shelf --from ../acme-shelf --dry-run\n" +
			"  thru add acme.shelf --from oci://harbor.example/policies",
		RunE: func(c *cobra.Command, args []string) error {
			return a.packages(c.Context(), &o, func(ctx context.Context, s pack.Source) (pack.Want, error) {
				want := pack.Want{}
				for _, arg := range args {
					name, version, ok := strings.Cut(arg, "@")
					if !ok {
						id, err := pack.Latest(ctx, s, name)
						if err != nil {
							return nil, err
						}
						version = id.Version
					}
					want[name] = version
					o.named = append(o.named, name)
				}
				return want, nil
			})
		},
	}
	o.flags(a, c, true)
	return c
}

func (a *app) remove() *cobra.Command {
	var o packaging
	c := &cobra.Command{
		Use:   "remove NAME…",
		Short: a.say("Require packages no longer.", "不再引入程序包。"),
		Long: a.say(
			"remove takes packages out of [requires] of thru.toml, with what only they required.\n"+
				"A package that the policy still imports is kept, and the errors say where it is used.",
			"remove 把程序包从 thru.toml 的 [requires] 中去掉，连同只有它们需要的依赖。\n"+
				"策略仍在引入的程序包会保留，错误信息说明在哪里用到。"),
		Example: "  thru remove fmcg.listing\n" +
			"  thru remove fmcg.listing --in policies/east-china --dry-run",
		Args: a.takes(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return a.packages(c.Context(), &o, func(context.Context, pack.Source) (pack.Want, error) {
				want := pack.Want{}
				for _, name := range args {
					want[name] = ""
				}
				return want, nil
			})
		},
	}
	o.flags(a, c, false)
	return c
}

func (a *app) update() *cobra.Command {
	var o packaging
	c := &cobra.Command{
		Use:   "update [NAME…]",
		Short: a.say("Require the latest versions of packages.", "把程序包更新到最新版本。"),
		Long: a.say(
			"update asks the sources for newer versions of the packages in [requires], all of them where\n"+
				"none is named, and shows what changes in meaning and which running state that touches.",
			"update 向来源查询 [requires] 中程序包的新版本（不指名则全部），\n"+
				"并说明含义上的变化以及会影响哪些运行状态。"),
		Example: "  thru update --dry-run\n  thru update fmcg.listing --from ../library",
		RunE: func(c *cobra.Command, args []string) error {
			return a.packages(c.Context(), &o, func(ctx context.Context, s pack.Source) (pack.Want, error) {
				return a.latest(ctx, s, o.dir, args)
			})
		},
	}
	o.flags(a, c, true)
	return c
}

// latest asks for the newest version of each named package that is required already.
func (a *app) latest(ctx context.Context, s pack.Source, dir string,
	names []string) (pack.Want, error) {
	m, _, err := dsl.ReadManifest(os.DirFS(dir), ".")
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		if m.Requires[n] == "" {
			return nil, fmt.Errorf(a.say("%s is not in [requires] of thru.toml",
				"%s 不在 thru.toml 的 [requires] 中"), n)
		}
	}
	want := pack.Want{}
	for name, has := range m.Requires { //tidy:order fills a map
		if len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		id, err := pack.Latest(ctx, s, name)
		if err != nil {
			return nil, err
		}
		want[name] = id.Version
		if pack.Newer(has, id.Version) {
			want[name] = has
		}
	}
	return want, nil
}

// packages prepares a change of requirements, shows it, and makes it.
func (a *app) packages(ctx context.Context, o *packaging,
	wants func(context.Context, pack.Source) (pack.Want, error)) error {
	if a.frozen {
		return a.unchanged(ctx, o, wants)
	}
	s, err := o.of(o.dir)
	if err != nil {
		return err
	}
	want, err := wants(ctx, s)
	if err != nil {
		return err
	}
	change, err := pack.Prepare(ctx, os.DirFS(o.dir), s, want)
	if err != nil {
		return err
	}
	if err := a.tellChange(change); err != nil {
		return err
	}
	sound, err := a.tryChange(o, change)
	if err != nil {
		return err
	}
	switch {
	case !sound && !o.force:
		fmt.Fprintln(a.err, a.say(
			"nothing is written: the policy would have errors (--force writes anyway)",
			"没有写入：策略会有错误（--force 可强制写入）"))
		return errFault
	case o.dryRun:
		return nil
	}
	return change.Write(o.dir)
}

// unchanged is add and update where nothing may be fetched or written: the workspace must be as
// they would leave it.
func (a *app) unchanged(ctx context.Context, o *packaging,
	wants func(context.Context, pack.Source) (pack.Want, error)) error {
	disk := os.DirFS(o.dir)
	if err := pack.Verify(ctx, disk); err != nil {
		return err
	}
	kept, err := pack.Kept(disk)
	if err != nil {
		return err
	}
	want, err := wants(ctx, kept)
	if err != nil {
		return err
	}
	change, err := pack.Prepare(ctx, disk, kept, want)
	if err != nil {
		return err
	}
	if change.Writes() {
		return fmt.Errorf("%w, with what is asked for", pack.ErrStale)
	}
	return a.tellChange(change)
}

// tellChange says which packages come, go and change.
func (a *app) tellChange(c *pack.Change) error {
	for _, s := range c.Steps() {
		if a.json {
			if err := json.NewEncoder(a.out).Encode(s); err != nil {
				return err
			}
			continue
		}
		var text string
		switch {
		case s.From == "":
			text = fmt.Sprintf(a.say("adds %s %s", "新增 %s %s"), s.Name, s.To)
		case s.To == "":
			text = fmt.Sprintf(a.say("removes %s %s", "移除 %s %s"), s.Name, s.From)
		default:
			text = fmt.Sprintf(a.say("changes %s %s to %s", "变更 %s %s 为 %s"), s.Name, s.From, s.To)
		}
		if s.Title != "" {
			text += "  " + s.Title
		}
		if s.License != "" {
			text += "  " + s.License
		}
		if len(s.Signed) > 0 {
			text += a.say("  signed by ", "  签名者 ") + strings.Join(s.Signed, ", ")
		}
		fmt.Fprintln(a.out, text)
	}
	if len(c.Steps()) == 0 && !a.json {
		fmt.Fprintln(a.out, a.say("nothing changes", "没有变化"))
	}
	return nil
}

// tryChange checks the policy as it would be, and tells errors that it has not now, and what
// changes in meaning: by the change itself, and by an import of what is new.
func (a *app) tryChange(o *packaging, c *pack.Change) (sound bool, err error) {
	disk := os.DirFS(o.dir)
	before := disk
	if in, err := pack.Open(disk); err == nil {
		before = in
	}
	var k dsl.Checker // of what each version says alike, only the first is looked at
	was, old, err := loadIf(&k, before)
	if err != nil {
		return false, err
	}
	next, diags, err := loadIf(&k, c.Preview(disk))
	if err != nil || next == nil {
		return err == nil, err
	}
	if sound, err = a.tellNew(o, next, diags, old); err != nil {
		return false, err
	}
	if was != nil && !dsl.HasErrors(old) && sound {
		if err := a.tellMeaning("", diff.Of(was, next)); err != nil {
			return false, err
		}
	}
	for _, s := range c.Steps() {
		if s.From != "" || !slices.Contains(o.named, s.Name) {
			continue
		}
		whole, err := a.tryAlone(o, c, s.Name)
		if err != nil || !whole {
			return false, err
		}
		fits, err := a.tryImport(o, c.Preview(disk), s.Name, checked{&k, next, diags})
		if err != nil {
			return false, err
		}
		sound = sound && fits
	}
	return sound, nil
}

// checked is a policy with what is wrong with it, and who says so.
type checked struct {
	by     *dsl.Checker
	policy *policy.Policy
	diags  []source.Diagnostic
}

// tellNew tells the mistakes that were not there before; sound: there are none.
func (a *app) tellNew(o *packaging, p *policy.Policy, now, old []source.Diagnostic) (bool, error) {
	sound := true
	for _, d := range now {
		if d.Code.Severity() != source.Error || slices.ContainsFunc(old, func(x source.Diagnostic) bool {
			return x.Code == d.Code && x.Span == d.Span
		}) {
			continue
		}
		sound = false
		if err := a.tellMistake(o, p, d); err != nil {
			return false, err
		}
	}
	return sound, nil
}

func (a *app) tellMistake(o *packaging, p *policy.Policy, d source.Diagnostic) error {
	files := fromHere(p.Files, o.dir)
	if a.json {
		return json.NewEncoder(a.out).Encode(source.ReportOf(files, d, a.lang.String()))
	}
	_, err := fmt.Fprint(a.err, source.Text(files, d, a.lang.String()))
	return err
}

// tellMeaning tells what changes in meaning, and what becomes of running state; nothing is said of
// nothing.
func (a *app) tellMeaning(title string, r *diff.Report) error {
	if r.Empty() {
		return nil
	}
	text := []byte(title + r.Text(a.lang.String()))
	if a.json {
		text = r.AppendJSON(nil)
	}
	_, err := a.out.Write(text)
	return err
}

// tryAlone tells what is wrong with a package by itself, whoever imports it: that is for those to
// mend who wrote it.
func (a *app) tryAlone(o *packaging, c *pack.Change, name string) (bool, error) {
	p, diags, err := dsl.Load(pack.With(c.Alone(), importFile, []byte("import "+name+"\n")), ".")
	if err != nil || !dsl.HasErrors(diags) {
		return err == nil, err
	}
	fmt.Fprintf(a.err, a.say("%s has mistakes of its own, whoever imports it:\n",
		"%s 本身有错误，无论谁引入：\n"), name)
	for _, d := range diags {
		if d.Code.Severity() == source.Error {
			if err := a.tellMistake(o, p, d); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

// tryImport tells what an import of a package would bring into the policy and what it would clash
// with, so that nobody has to try. A policy that imports it already has been looked at as it is.
func (a *app) tryImport(o *packaging, in fs.FS, name string, plain checked) (bool, error) {
	with := func(line string) (checked, error) {
		text := line + "\n"
		if p := plain.policy.Package; p != "" {
			text = "package " + p + "\n" + text
		}
		p, diags, err := loadIf(plain.by, pack.With(in, importFile, []byte(text)))
		return checked{plain.by, p, diags}, err
	}
	imported, err := with("import " + name)
	if err != nil {
		return false, err
	}
	fresh := func(than, now checked) (out []source.Diagnostic) {
		for _, d := range now.diags {
			said := source.Text(now.policy.Files, d, "en")
			if !slices.ContainsFunc(than.diags, func(x source.Diagnostic) bool {
				return source.Text(than.policy.Files, x, "en") == said
			}) {
				out = append(out, d)
			}
		}
		return out
	}
	if clashes := fresh(plain, imported); dsl.HasErrors(clashes) {
		fmt.Fprintf(a.err, a.say("an import of %s would clash:\n", "引入 %s 会产生冲突：\n"), name)
		for _, d := range clashes {
			if err := a.tellMistake(o, imported.policy, d); err != nil {
				return false, err
			}
		}
		return false, nil
	}
	if dsl.HasErrors(imported.diags) {
		fmt.Fprintf(a.err, a.say("what an import of %s would bring cannot be told: see thru check\n",
			"无法说明引入 %s 会带来什么：见 thru check\n"), name)
		return true, nil // the mistakes are the policy's own, of before
	}
	title := fmt.Sprintf(a.say("an import of %s would bring:\n", "引入 %s 会带来：\n"), name)
	if err := a.tellMeaning(title, diff.Of(plain.policy, imported.policy)); err != nil {
		return false, err
	}
	bare, err := with("import " + name + ".*")
	if err != nil {
		return false, err
	}
	if alike := fresh(imported, bare); len(alike) > 0 {
		fmt.Fprintf(a.err, a.say("with its bare names (import %s.*):\n",
			"连同其名称引入时（import %s.*）：\n"), name)
		for _, d := range alike {
			if err := a.tellMistake(o, bare.policy, d); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// importFile is what the policy would be tried with; no file is called so.
const importFile = "~import.thru"

// loadIf loads a policy where there is one.
func loadIf(k *dsl.Checker, in fs.FS) (*policy.Policy, []source.Diagnostic, error) {
	if files, err := fs.Glob(in, "*.thru"); err != nil || len(files) == 0 {
		return nil, nil, err
	}
	return k.Load(in, ".")
}
