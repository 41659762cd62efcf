package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/internal/plural"
	"github.com/throughline/throughline/templates/pack"
)

func (a *app) check() *cobra.Command {
	var o allotted
	c := &cobra.Command{
		Use:   "check [DIR] [--records FILE… | --db FILE]",
		Short: a.say("Tell every mistake in a policy.", "指出策略中的全部错误。"),
		Long: a.say(
			"check reads the policy in a folder and tells every mistake once: its place, what was found,\n"+
				"what was expected, and the nearest right name. It exits with 1 if the policy cannot run.\n"+
				"Every code has a page with an example: thru help T0202.\n"+
				"With --records or --db it also holds allocations against what came: where teams' cycles\n"+
				"differ, whether the rule, and those that count what is open, overload one and starve another.",
			"check 读取目录中的策略，每个错误只说一次：位置、写了什么、应写什么，以及最接近的正确名称。\n"+
				"策略不能运行时以 1 退出。每个代码都有带示例的说明：thru help T0202。\n"+
				"给出 --records 或 --db 时，还用已有记录检验分配：各团队周期不同时，此规则以及按未结数分配的规则\n"+
				"是否让一方超负荷、另一方分不到。"),
		Example: "  thru check .\n  thru check --json policies/east-china\n  thru check --frozen .\n" +
			"  thru check leads --records leads.ndjson",
		Args: a.takes(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := a.load(here(args))
			if err != nil {
				return err
			}
			if !p.broken() {
				if err := a.checkHistory(p, &o); err != nil {
					return err
				}
			}
			if err := a.tell(p); err != nil {
				return err
			}
			a.sum(p)
			if p.broken() {
				a.unfetched(p)
				return errFault
			}
			return nil
		},
	}
	a.frozenFlag(c)
	a.allottedFlags(c, &o)
	return c
}

// tell prints the diagnostics of a policy on standard output.
func (a *app) tell(p *folder) error {
	for _, d := range p.diags {
		var err error
		if a.json {
			err = json.NewEncoder(a.out).Encode(source.ReportOf(p.files, d, a.lang.String()))
		} else {
			_, err = io.WriteString(a.out, source.Text(p.files, d, a.lang.String()))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sum says on standard error how many there were, so that an empty list is an answer as well.
func (a *app) sum(p *folder) {
	var n [source.Note + 1]int
	for _, d := range p.diags {
		n[d.Code.Severity()]++
	}
	plural.Fprintf(a.err, a.say("%s: %d error{|s}, %d warning{|s}, %d note{|s}\n",
		"%s：%d 个错误，%d 个警告，%d 个提示\n"),
		p.dir, n[source.Error], n[source.Warning], n[source.Note])
}

// unfetched says how to get the packages that a policy imports and does not find.
func (a *app) unfetched(p *folder) {
	if a.json {
		return
	}
	m, _, err := dsl.ReadManifest(os.DirFS(p.dir), ".")
	if err != nil {
		return // told already, or nothing to go by
	}
	library, err := pack.Library()
	if err != nil {
		return
	}
	var said []string
	for _, d := range p.diags {
		if d.Code != source.UnknownPackage || slices.Contains(said, d.Args[0]) {
			continue
		}
		name := d.Args[0]
		said = append(said, name)
		if m.Requires[name] != "" {
			fmt.Fprintf(a.err, a.say("%s is required but not fetched; run: thru add --in %s\n",
				"%s 已在 [requires] 中但尚未取得；请运行：thru add --in %s\n"), name, p.dir)
		} else if v, err := library.Versions(context.Background(), name); err == nil && len(v) > 0 {
			fmt.Fprintf(a.err, a.say("%[1]s is a package of the library; run: thru add %[1]s --in %[2]s\n",
				"%[1]s 是模板库中的程序包；请运行：thru add %[1]s --in %[2]s\n"), name, p.dir)
		}
	}
}
