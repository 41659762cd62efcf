package main

import (
	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl/diff"
	"github.com/throughline/throughline/internal/plural"
)

func (a *app) diff() *cobra.Command {
	var code bool
	c := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: a.say("Say what changed in meaning between two policies.", "说明两个策略在含义上的变化。"),
		Long: a.say(
			"diff compares the policies of two folders by what they mean: layout, comments, labels,\n"+
				"order and vocabulary are no change. Each declaration that changed is told with its\n"+
				"parts, and with what happens to its running state when the new policy takes force:\n"+
				"it is kept, it moves to a new name (was), or it is reset. It exits with 0 either way;\n"+
				"with --exit-code with 1 if anything changed.",
			"diff 按含义比较两个目录中的策略：排版、注释、名称、次序和用词的改动不算变化。\n"+
				"每个有变化的声明都列出其各部分，以及新策略生效时其运行状态会怎样：\n"+
				"保留、随新名称（曾名）移动，或重置。通常以 0 退出；加 --exit-code 时，有变化则以 1 退出。"),
		Example: "  thru diff main draft\n  thru diff --json main draft\n" +
			"  thru diff --exit-code main draft || echo changed",
		Args:              a.takes(cobra.ExactArgs(2)),
		ValidArgsFunction: folders(2),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.tellDiff(args[0], args[1], code)
		},
	}
	c.Flags().BoolVar(&code, "exit-code", false,
		a.say("exit with 1 if anything changed", "有变化时以 1 退出"))
	return c
}

func (a *app) tellDiff(old, new string, code bool) error {
	p, q, err := a.two(old, new)
	if err != nil {
		return err
	}
	r := diff.Of(p.policy, q.policy)
	text := []byte(r.Text(a.lang.String()))
	if a.json {
		text = r.AppendJSON(nil)
	}
	if _, err := a.out.Write(text); err != nil {
		return err
	}
	if code && !r.Empty() {
		return errFault
	}
	return nil
}

// two loads two policies without mistakes; one that has some is told about like check does. What
// they need of an embedding program does not matter here, since nothing is run.
func (a *app) two(old, new string) (p, q *folder, err error) {
	if p, err = a.load(old); err != nil {
		return nil, nil, err
	}
	if q, err = a.load(new); err != nil {
		return nil, nil, err
	}
	for _, f := range []*folder{p, q} {
		if f.broken() {
			if err := a.tell(f); err != nil {
				return nil, nil, err
			}
			a.sum(f)
			return nil, nil, errFault
		}
		if n := len(f.policy.Later); n > 0 {
			plural.Fprintf(a.err, a.say("%s: %d declaration{ does|s do} not run yet and {is|are} "+
				"compared by name alone\n",
				"%s：%d 个声明尚不运行，只按名称比较\n"), f.dir, n)
		}
	}
	return p, q, nil
}
