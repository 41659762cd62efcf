package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/templates/pack"
)

// A folder is a policy as it was read from disk, with all that is wrong with it.
type folder struct {
	dir    string
	policy *policy.Policy
	files  []source.File // what the diagnostics' spans point into, named as from where we are
	diags  []source.Diagnostic
}

// broken reports whether the policy cannot run.
func (p *folder) broken() bool { return dsl.HasErrors(p.diags) }

// load reads and checks the policy in a folder. Mistakes in it are no error here.
func (a *app) load(dir string) (*folder, error) {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf(a.say("there is no folder %s", "没有名为 %s 的目录"), dir)
	}
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		text := a.say("%s is a file; name the policy's folder", "%s 是文件；请给出策略所在的目录")
		return nil, usageError{fmt.Errorf(text, dir)}
	}
	if err := a.verify(context.Background(), dir); err != nil {
		return nil, err
	}
	in, err := pack.Open(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	p, diags, err := dsl.Load(in, ".")
	switch {
	case errors.Is(err, dsl.ErrNoPolicy):
		return nil, a.noPolicy(dir)
	case err != nil:
		if cause := errors.Unwrap(err); cause != nil {
			err = cause // it names the folder as it sees it: "."
		}
		return nil, fmt.Errorf("load %s: %w", dir, err)
	}
	return &folder{dir: dir, policy: p, files: fromHere(p.Files, dir), diags: diags}, nil
}

// loadSound is load for commands that need a policy that can run: one that cannot is told about
// like check does.
func (a *app) loadSound(dir string) (*folder, error) {
	p, err := a.load(dir)
	if err != nil {
		return nil, err
	}
	if !p.broken() {
		return p, a.hosted(p)
	}
	if err := a.tell(p); err != nil {
		return nil, err
	}
	a.sum(p)
	return nil, errFault
}

// hosted refuses a policy that asks for functions of a program of its own, which thru has not.
func (a *app) hosted(p *folder) error {
	w := decision.NewWriter(p.policy, decision.Options{})
	for _, x := range p.policy.Externs {
		text := a.say("%s: extern %s comes from the program that embeds the engine; thru cannot run it\n",
			"%s：extern %s 由嵌入引擎的程序提供，thru 不能运行它\n")
		fmt.Fprintf(a.err, text, w.AppendPlace(nil, x.Span), x.Full)
	}
	if len(p.policy.Externs) > 0 {
		return errFault
	}
	return nil
}

func (a *app) noPolicy(dir string) error {
	none := fmt.Sprintf(a.say("no .thru files in %s", "%s 中没有 .thru 文件"), dir)
	if locked, err := pack.ReadLock(os.DirFS(dir)); err == nil && len(locked) > 0 {
		none += fmt.Sprintf(a.say(
			"; to use what thru.toml requires, write `import %s.*` into one, say main.thru",
			"；要使用 thru.toml 所要求的程序包，请新建一个文件（如 main.thru），写上“引入 %s.*”"),
			locked[0].Name)
	}
	return errors.New(none)
}

// fromHere gives the folder's own files the names by which they can be opened from here. Files of
// embedded packages keep theirs.
func fromHere(files []source.File, dir string) []source.File {
	out := slices.Clone(files)
	for i := range out {
		name := filepath.Join(dir, filepath.FromSlash(out[i].Name))
		if _, err := os.Stat(name); err == nil {
			out[i].Name = name
		}
	}
	return out
}
