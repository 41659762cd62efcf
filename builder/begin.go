package builder

import (
	"context"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
)

//go:embed starter
var starter embed.FS

// begin makes a workspace whose policy is the small example. Who does is in the server's own log.
func (b *Builder) begin(ctx context.Context, name, who string) error {
	dir, err := fs.Sub(starter, "starter")
	if err != nil {
		return err
	}
	p, diags, err := dsl.Load(dir, ".")
	if err != nil || dsl.HasErrors(diags) {
		return fmt.Errorf("the example to begin with: %w %v", err, diags)
	}
	if err := b.o.Host.Create(name, p); err != nil {
		return err
	}
	return b.o.Access.Note(ctx, access.Act{What: "create", Workspace: name,
		About: hex.EncodeToString(p.Hash[:]), Who: who})
}

// runtimePolicy is the policy in force.
func runtimePolicy(ctx context.Context, w *runtime.Workspace) (p *policy.Policy, err error) {
	err = w.View(ctx, func(e *engine.Engine) { p = e.Policy() })
	return p, err
}
