package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/syntax"
)

// A layout is what fmt did to a file, or would do.
type layout struct {
	File    string `json:"file"`
	Changed bool   `json:"changed"`
}

func (a *app) format() *cobra.Command {
	var check bool
	var words string
	c := &cobra.Command{
		Use:   "fmt PATH…",
		Short: a.say("Write policies in the one layout.", "按统一格式排版策略文件。"),
		Long: a.say(
			"fmt writes .thru files, or all below a folder, in the one layout. It keeps every comment\n"+
				"and works on files with mistakes. With --lang, or lang in thru.toml, the words of the\n"+
				"language are written in English or Chinese; names stay as they are. \"-\" reads\n"+
				"standard input and writes standard output.",
			"fmt 按统一格式排版 .thru 文件，或目录下的全部 .thru 文件。\n"+
				"它保留每一条注释，也能处理有错误的文件。\n"+
				"用 --lang 或 thru.toml 中的 lang 可以把语言的词写成英文或中文；名称保持不变。\n"+
				"“-” 表示从标准输入读取，写到标准输出。"),
		Example: "  thru fmt .\n  thru fmt --check policies/visits.thru\n" +
			"  thru fmt --lang zh - < visits.thru",
		Args: a.takes(cobra.MinimumNArgs(1)),
		RunE: func(_ *cobra.Command, paths []string) error {
			if words != "" && words != "en" && words != "zh" {
				return a.noSuchLang(words)
			}
			return a.formatAll(paths, syntax.Options{Lang: words}, check)
		},
	}
	c.Flags().BoolVar(&check, "check", false,
		a.say("write nothing; tell what would change and exit with 1", "不写入；列出会改动的文件并以 1 退出"))
	c.Flags().StringVar(&words, "lang", "", a.say("words to write: en or zh", "写成哪种词：en 或 zh"))
	return c
}

func (a *app) formatAll(paths []string, o syntax.Options, check bool) error {
	changed := false
	for _, path := range paths {
		if path == "-" {
			if err := a.formatInput(o); err != nil {
				return err
			}
			continue
		}
		files, err := a.policyFiles(path)
		if err != nil {
			return err
		}
		for _, file := range files {
			asked := o
			if asked.Lang == "" {
				if asked.Lang, err = wordsOf(filepath.Dir(file)); err != nil {
					return err
				}
			}
			l, err := formatFile(file, asked, check)
			if err != nil {
				return err
			}
			changed = changed || l.Changed
			if err := a.tellLayout(l); err != nil {
				return err
			}
		}
	}
	if check && changed {
		return errFault
	}
	return nil
}

func (a *app) formatInput(o syntax.Options) error {
	text, err := io.ReadAll(a.in)
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	_, err = io.WriteString(a.out, syntax.Format(string(text), o))
	return err
}

// tellLayout names the files that changed; with --json all that were looked at.
func (a *app) tellLayout(l layout) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(l)
	}
	if !l.Changed {
		return nil
	}
	_, err := fmt.Fprintln(a.out, l.File)
	return err
}

// policyFiles are the .thru files that a path means: itself, or all below it. Folders that begin
// with a dot are not policies.
func (a *app) policyFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		if filepath.Ext(path) != ".thru" {
			return nil, usageError{fmt.Errorf(a.say("%s is not a .thru file", "%s 不是 .thru 文件"), path)}
		}
		return []string{path}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != path && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.IsDir() && filepath.Ext(p) == ".thru":
			files = append(files, p)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = a.noPolicy(path)
	}
	return files, err
}

// wordsOf is the vocabulary that the policy around a folder asks for: the lang of the thru.toml in
// it or in the nearest folder above. "" leaves the words as they are.
func wordsOf(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		_, err := os.Stat(filepath.Join(dir, "thru.toml"))
		if err == nil {
			set, err := dsl.Settings(os.DirFS(dir), ".")
			return set.Lang, err
		}
		if !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return "", nil // a folder that may not be looked into asks for nothing
		}
		dir = filepath.Dir(dir)
	}
}

func formatFile(file string, o syntax.Options, check bool) (layout, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return layout{}, err
	}
	out := syntax.Format(string(text), o)
	l := layout{File: file, Changed: out != string(text)}
	if !l.Changed || check {
		return l, nil
	}
	return l, replace(file, out)
}

// replace writes a file so that whoever reads it sees all of the old or all of the new text, also
// after the machine stops in between. A link stays a link.
func replace(file, text string) error {
	file, err := filepath.EvalSymlinks(file)
	if err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".thru-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // does nothing once it has been renamed
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Chmod(info.Mode().Perm()), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return os.Rename(f.Name(), file)
}
