package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/throughline/throughline/builder"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/examples"
	"github.com/throughline/throughline/examples/distributor"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
)

// demoSpace is what the workspace of the sample server is called.
const demoSpace = "distributor"

// demoAddr is where the sample server listens where that is free.
const demoAddr = "127.0.0.1:7321"

// trickle is the time from one record of the sample server's traffic to the next.
const trickle = 4 * time.Second

// serveDemo makes a year of a distributor in a folder that goes away again, and serves pages over
// it until somebody interrupts it or its time is over.
func (a *app) serveDemo(ctx context.Context, o *demoed) (err error) {
	// Before the year, which takes its time: an address that cannot be is told at once.
	listener, err := a.listenNear(o.addr)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // whoever answers on it has closed it
	dir, err := os.MkdirTemp("", "thru-demo-")
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, os.RemoveAll(dir)) }()
	begun := time.Now()
	year, n, err := a.makeYear(ctx, dir)
	if errors.Is(err, context.Canceled) {
		return nil // somebody has seen enough
	}
	if err != nil {
		return err
	}
	took := time.Since(begun)
	log := slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	of := &served{data: dir}
	s, err := a.openSite(of, log)
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, s.close()) }()
	guests, err := a.demoPeople(ctx, s.access)
	if err != nil {
		return err
	}
	server, err := of.server(s, log)
	if err != nil {
		return err
	}
	pages := builder.New(builder.Options{API: server, Host: s.hosts, Access: s.access, Log: log,
		Drafts: filepath.Join(dir, "drafts"), Guests: guests})
	if o.last != forever {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.last)
		defer cancel()
	}
	ctx, stop := untilInterrupted(ctx)
	defer stop()
	live, still := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.traffic(live, year) }()
	err = a.greetDemo("http://"+listener.Addr().String(), n, took)
	if err == nil {
		err = a.answerUntilStopped(ctx, &answering{server, pages, log}, listener)
	}
	still()
	return firstOf(err, <-done)
}

// yearGarbage is how much garbage, in percent of what is kept, may lie about while a year is made.
const yearGarbage = 300

// makeYear writes a year that ends now into a data folder, unless it is interrupted.
func (a *app) makeYear(ctx context.Context, dir string) (*distributor.Year, int, error) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	// What a year makes is mostly kept: looking for garbage as often as usual is a tenth of the work.
	defer debug.SetGCPercent(debug.SetGCPercent(yearGarbage))
	p, err := policyOf(distributor.PolicyFolder)
	if err != nil {
		return nil, 0, err
	}
	file := filepath.Join(dir, "workspaces", demoSpace+".db")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, 0, err
	}
	year := distributor.New(time.Now(), a.lang.String())
	records := year.Records()
	w, err := a.open(file, runtime.Config{Policy: p, Import: true, BatchMax: 4096,
		BatchTime: 200 * time.Millisecond})
	if err != nil {
		return nil, 0, err
	}
	bar := a.meter(a.say("a year of work", "一年的工作"), len(records))
	i := 0
	err = w.Begin(ctx, year.Begin().UnixMicro())
	if err == nil {
		err = w.Import(ctx, func() ([]byte, error) {
			if i == len(records) {
				return nil, io.EOF
			}
			i++
			return records[i-1].Line(), nil
		}, func(*runtime.Answer) error { bar.at(int64(i)); return nil })
	}
	bar.done()
	return year, len(records), firstOf(err, w.Close())
}

// policyOf is the policy of an example, which a test holds to be sound.
func policyOf(folder string) (*policy.Policy, error) {
	dir, err := fs.Sub(examples.Files, folder)
	if err != nil {
		return nil, err
	}
	p, diags, err := dsl.Load(dir, ".")
	if err == nil && dsl.HasErrors(diags) {
		err = fmt.Errorf("examples/%s: %s", folder, source.Render(diags[0], "en"))
	}
	return p, err
}

// demoPeople are those who come into the sample server: somebody of every role, and those whom the
// stories of the year are about.
func (a *app) demoPeople(ctx context.Context, to *access.Access) (out []builder.Guest, err error) {
	enrol := func(id, name string, what words.Text, g access.Grant) {
		if g.Workspace == "" {
			g.Workspace = demoSpace
		}
		email := id + "@demo.invalid"
		_, e := to.Enrol(ctx, access.Person{Login: id, Name: name, Email: email,
			Grants: []access.Grant{g}}, "", "demo")
		err = firstOf(err, e)
		out = append(out, builder.Guest{Email: email, Name: name, What: what})
	}
	enrol("admin", a.say("Sales operations", "销售运营"), words.GuestAdmin,
		access.Grant{Role: access.RoleAdmin, Workspace: "*"})
	shown := map[string]bool{"m2": true, "m3": true, distributor.RepID(0): true,
		distributor.RepID(13): true, distributor.RepID(distributor.Forger): true}
	for _, p := range distributor.People(a.lang.String()) {
		switch {
		case !shown[p.ID]:
		case p.Manager:
			enrol(p.ID, p.Name, words.GuestManager.With(p.Region),
				access.Grant{Role: access.RoleManager, As: "Rep/" + p.ID})
		default:
			enrol(p.ID, p.Name, words.GuestRep.With(p.Region),
				access.Grant{Role: access.RoleRep, As: "Rep/" + p.ID})
		}
	}
	enrol("auditor", a.say("Auditor", "审计员"), words.GuestAuditor,
		access.Grant{Role: access.RoleAuditor})
	return out, err
}

// listenNear listens at an address, or where its port is taken at any other of the same machine.
func (a *app) listenNear(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if addr == demoAddr && errors.Is(err, syscall.EADDRINUSE) {
		host, _, _ := net.SplitHostPort(addr) // it is ours
		l, err = net.Listen("tcp", net.JoinHostPort(host, "0"))
	}
	if err != nil {
		return nil, usageError{fmt.Errorf(a.say("--addr %s: %w; give one such as %s",
			"--addr %s：%w；请给出例如 %s"), addr, err, demoAddr)}
	}
	return l, nil
}

// traffic goes on with the year, a record every few seconds, until ctx ends.
func (s *site) traffic(ctx context.Context, year *distributor.Year) error {
	w, leave, err := s.hosts.Use(ctx, demoSpace)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	defer leave()
	tick := time.NewTicker(trickle)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case at := <-tick.C:
			if _, err := w.Submit(ctx, year.Next(at)); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// greetDemo says where the pages are, and what is to be found there.
func (a *app) greetDemo(url string, records int, took time.Duration) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(struct {
			URL     string  `json:"url"`
			Records int     `json:"records"`
			Seconds float64 `json:"seconds"`
		}{url, records, took.Seconds()})
	}
	_, err := fmt.Fprintf(a.out, a.say(
		"A distributor's year: %d records, decided in %.1f s. Open\n\n    %s\n\n"+
			"and come in as whom you like. Three things are to be found: a region that falls, a rep who\n"+
			"forges visits, deals that take longer and longer. Records go on coming. Ctrl-C ends it, and\n"+
			"nothing is kept; thru demo --text tells a shorter story here.\n",
		"一家经销商的一年：%d 条记录，用时 %.1f 秒作出决定。打开\n\n    %s\n\n"+
			"以任意身份进入。有三件事等您发现：一个下滑的大区、一位伪造拜访的业务员、越来越慢的签约。\n"+
			"记录会继续到来。按 Ctrl-C 结束，不保留任何内容；thru demo --text 在终端里讲一个短些的故事。\n"),
		records, took.Seconds(), url)
	return err
}
