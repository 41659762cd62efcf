package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/builder"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/access/provider"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/deliver"
	"github.com/throughline/throughline/runtime/deliver/link"
	"github.com/throughline/throughline/runtime/deliver/vault"
	"github.com/throughline/throughline/runtime/files"
	"github.com/throughline/throughline/runtime/host"
	imports "github.com/throughline/throughline/runtime/intake"
	"github.com/throughline/throughline/runtime/looks"
	"github.com/throughline/throughline/runtime/nightly"
	"github.com/throughline/throughline/runtime/trace"
)

// served is what the flags of serve say.
type served struct {
	data      string
	addr      string
	cert, key string
	plain     bool
	strict    bool
	public    string
	issuer    string
	client    string
	secret    string // the file that holds it
	check     bool
	config    string
	acme      []string
	email     string
	directory string
	delivery
	trace    traced
	requests bool // are logged
	watch    []string
}

func (a *app) serve() *cobra.Command {
	var o served
	c := &cobra.Command{
		Use:   "serve --data DIR",
		Short: a.say("Serve workspaces over HTTP.", "通过 HTTP 提供工作区服务。"),
		Long: a.say(
			"serve runs the workspaces of a folder, a database each, and answers over HTTP: pages for\n"+
				"people at /, records in, decisions and the reasons for them out under /v1, which is\n"+
				"described at /openapi.json. Workspaces are opened when somebody asks for them or something\n"+
				"in them falls due. Whoever asks shows a key or comes in with a password; the first start\n"+
				"makes a key that may do everything and prints it once, and until there is an administrator\n"+
				"every start prints a code to become one.\n"+
				"Flags may stand in a file (--config, TOML: addr = \":8443\") or in the environment\n"+
				"(THRU_SERVE_ADDR); what is given on the command line counts first, then the environment.\n"+
				"With --acme it gets its certificates itself, for the names given, on port 443.\n"+
				"Without a certificate it listens to this machine only, unless --plain says that something\n"+
				"in front of it speaks TLS. It stops on an interrupt, when what was begun is answered.",
			"serve 运行一个目录中的工作区（每个工作区一个数据库）：用浏览器打开 / 即可使用页面，\n"+
				"/v1 之下的接口接收记录，给出决定及其原因，说明在 /openapi.json。\n"+
				"有人访问或有事项到期时才打开相应的工作区。\n"+
				"访问者须出示密钥或用密码登录；首次启动会生成一把拥有全部权限的密钥，只显示一次；\n"+
				"在有管理员之前，每次启动都会显示一个用于成为管理员的设置码。\n"+
				"选项可以写在文件里（--config，TOML：addr = \":8443\"）或环境变量里（THRU_SERVE_ADDR）；\n"+
				"命令行优先，其次是环境变量。用 --acme 时自行为所列域名申请证书（443 端口）。\n"+
				"没有证书时只监听本机，除非用 --plain 说明前面有负责 TLS 的程序。\n"+
				"收到中断信号后，答复完已开始的请求再停止。"),
		Example: "  thru serve --data /var/lib/throughline\n" +
			"  thru serve --data data --addr :8443 --cert server.pem --key server.key\n" +
			"  thru serve --config /etc/throughline.toml\n" +
			"  thru serve --data data --addr :443 --acme rules.example.com\n" +
			"  thru serve --data data --check",
		Args:              a.takes(cobra.NoArgs),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.configure(c); err != nil {
				return err
			}
			return a.serveAll(c.Context(), &o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.data, "data", "", a.say("folder that holds everything", "保存全部数据的目录"))
	f.StringVar(&o.addr, "addr", "127.0.0.1:7321", a.say("where to listen", "监听地址"))
	a.tlsFlags(c, &o)
	a.reachFlags(c, &o)
	a.deliveryFlags(c, &o.delivery)
	f.BoolVar(&o.requests, "log-requests", false,
		a.say("log every request: who, which route, how it went", "记录每个请求：谁、哪条路由、结果"))
	f.BoolVar(&o.check, "check", false,
		a.say("look whether it could run, and end", "只检查能否运行，然后结束"))
	f.StringVar(&o.config, "config", "", a.say("file with settings (TOML)", "配置文件（TOML）"))
	_ = c.MarkFlagFilename("config", "toml")
	for _, name := range []string{"acme", "acme-email", "acme-directory", "watch"} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	_ = c.MarkFlagDirname("data") // the flags are there: just made
	return c
}

// reachFlags are those of how people reach the server, who lets them in, and what comes by itself.
func (a *app) reachFlags(c *cobra.Command, o *served) {
	a.traceFlags(c, &o.trace)
	f := c.Flags()
	f.StringVar(&o.public, "public", "", a.say("how people reach it: https://HOST",
		"用户访问时使用的地址：https://主机"))
	f.StringVar(&o.issuer, "oidc", "", a.say("identity provider (OpenID) that lets people in",
		"供用户登录的身份提供方（OpenID Connect）"))
	f.StringVar(&o.client, "oidc-client", "", a.say("who this server is to the provider",
		"本服务器在提供方处的客户端编号"))
	f.StringVar(&o.secret, "oidc-secret", "", a.say("file with the client's secret",
		"保存客户端密钥的文件"))
	f.StringArrayVar(&o.watch, "watch", nil, a.say(
		"folder whose tables are taken in: DIR=WORKSPACE:MAPPING; may be repeated",
		"自动导入其中表格的目录：目录=工作区:映射；可重复"))
	_ = c.MarkFlagFilename("oidc-secret") // the flag is there: just made
}

// sound refuses flags that cannot be meant.
func (o *served) sound(a *app) error {
	text := ""
	name, _, err := net.SplitHostPort(o.addr)
	ip := net.ParseIP(name)
	own := name == "localhost" || ip != nil && ip.IsLoopback()
	switch {
	case o.data == "":
		text = a.say("name the folder: --data DIR", "请给出目录：--data DIR")
	case err != nil:
		text = fmt.Sprintf(a.say("--addr is HOST:PORT, not %q", "--addr 应为 主机:端口，而不是 %q"), o.addr)
	case (o.cert == "") != (o.key == ""):
		text = a.say("--cert and --key go together", "--cert 与 --key 须一起使用")
	case len(o.acme) > 0 && (o.cert != "" || o.plain):
		text = a.say("--acme, --cert or --plain, one of them", "--acme、--cert、--plain 只能选一个")
	case o.cert == "" && len(o.acme) == 0 && !own && !o.plain:
		text = a.say("keys and records would cross the network unprotected: give --cert and --key, or "+
			"--plain where something in front speaks TLS",
			"密钥和记录会在网络上明文传输：请给出 --cert 和 --key；若前面有负责 TLS 的程序，请用 --plain")
	default:
		if text = o.reached(a); text == "" {
			text = o.delivery.sound(a)
		}
		if text == "" {
			text = o.watched(a)
		}
		if text == "" {
			text = o.trace.sound(a)
		}
	}
	if text == "" {
		return nil
	}
	return usageError{errors.New(text)}
}

// reached says what is wrong with where people are said to reach the server, or with the folder.
func (o *served) reached(a *app) string {
	if o.public != "" {
		u, err := url.Parse(o.public)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" ||
			u.Path != "" || u.RawQuery != "" || u.User != nil {
			return fmt.Sprintf(a.say("--public is https://HOST, without a path, not %q",
				"--public 应为 https://主机，不带路径，而不是 %q"), o.public)
		}
	}
	if o.issuer != "" && (o.client == "" || o.secret == "" || o.public == "") {
		return a.say("--oidc goes with --oidc-client, --oidc-secret and --public",
			"--oidc 须与 --oidc-client、--oidc-secret 和 --public 一起使用")
	}
	if info, err := os.Stat(o.data); err == nil && !info.IsDir() {
		return fmt.Sprintf(a.say("--data is a folder, and %s is a file", "--data 应为目录，而 %s 是文件"), o.data)
	}
	return ""
}

// watched says what is wrong with the folders that are to be watched.
func (o *served) watched(a *app) string {
	for _, w := range o.watch {
		f := folderOf(w)
		info, err := os.Stat(f.Dir)
		switch {
		case f.Workspace == "" || f.Dir == "":
			return fmt.Sprintf(a.say("--watch is DIR=WORKSPACE:MAPPING, not %q",
				"--watch 应为 目录=工作区:映射，而不是 %q"), w)
		case err != nil || !info.IsDir():
			return fmt.Sprintf(a.say("--watch: there is no folder %s", "--watch：没有目录 %s"), f.Dir)
		}
	}
	return ""
}

// folderOf reads DIR=WORKSPACE:MAPPING.
func folderOf(text string) (f imports.Folder) {
	i := strings.LastIndexByte(text, '=')
	if i < 0 {
		return f
	}
	f.Dir = text[:i]
	f.Workspace, f.Mapping, _ = strings.Cut(text[i+1:], ":")
	return f
}

// secure reports whether people reach the server over TLS.
func (o *served) secure() bool {
	if o.public != "" {
		return strings.HasPrefix(o.public, "https:")
	}
	return o.cert != "" || len(o.acme) > 0
}

// site is what a server runs on.
type site struct {
	hosts   *host.Host
	access  *access.Access
	deliver *deliver.Service // nil: nothing is delivered
	links   *link.Signer
	trace   *trace.Tracer // nil: nobody is told of requests
	nightly *nightly.Keeper
	looks   *looks.Log
	files   *files.Cabinet
	desk    *imports.Desk
	vault   *vault.Vault
}

func (a *app) openSite(o *served, log *slog.Logger) (*site, error) {
	dir := o.data
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	// In use as long as this runs: no second server takes the same folder.
	keys, err := access.Open(filepath.Join(dir, "system.db"), nil)
	if err != nil {
		return nil, err
	}
	s := &site{access: keys, files: files.In(filepath.Join(dir, "workspaces"), files.Options{})}
	if s.looks, err = looks.Open(filepath.Join(dir, "looks"), nil); err != nil {
		return nil, errors.Join(err, keys.Close())
	}
	secrets, err := o.delivery.vault(a, dir)
	s.vault = secrets
	if err == nil {
		s.trace, err = o.trace.tracer(log)
	}
	if err == nil {
		s.links, err = linksOf(secrets, o.public)
	}
	if err == nil {
		s.deliver, err = o.delivery.service(dir, secrets, s, log)
	}
	if err != nil {
		return nil, errors.Join(err, keys.Close())
	}
	x := host.Options{
		Config: runtime.Config{Queue: 1024, Deliver: true},
		Notice: func(workspace string, err error) {
			log := log.With("workspace", workspace)
			if bug := (*runtime.PanicError)(nil); errors.As(err, &bug) {
				log = log.With("stack", string(bug.Stack)) // for who mends it
			}
			log.Error("workspace", "err", err)
		}}
	if s.deliver != nil {
		x.Attend = s.deliver.Attend
	}
	if s.hosts, err = host.Open(dir, x); err != nil {
		return nil, errors.Join(err, keys.Close())
	}
	s.desk, err = imports.Open(imports.Options{Host: s.hosts, Dir: filepath.Join(dir, "workspaces"),
		Files: s.files, Log: log})
	if err == nil {
		err = s.tend(dir, secrets, log)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *site) close() error {
	if s.nightly != nil {
		s.nightly.Stop()
	}
	if s.trace != nil {
		late, cancel := context.WithTimeout(context.Background(), traceWithin)
		defer cancel()
		_ = s.trace.Stop(late) // what is left of traces holds nobody up
	}
	if s.desk != nil {
		s.desk.Close()
	}
	return errors.Join(s.hosts.Close(), s.access.Close())
}

func (a *app) serveAll(ctx context.Context, o *served) error {
	if err := o.sound(a); err != nil {
		return err
	}
	secure, err := a.tls(o)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(a.err, nil))
	if a.json {
		log = slog.New(slog.NewJSONHandler(a.err, nil))
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return err
	}
	s, err := a.openSite(o, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server, err := o.server(s, log)
	if err != nil {
		return errors.Join(err, listener.Close(), s.close())
	}
	scheme := "http"
	if secure != nil {
		scheme = "https"
		listener = tls.NewListener(listener, secure)
	}
	if o.check {
		fmt.Fprintf(a.out, a.say("fine: workspaces: %d, in %s\n", "一切正常：%d 个工作区，位于 %s\n"),
			len(s.hosts.Names()), o.data)
		return errors.Join(listener.Close(), s.close())
	}
	ctx, stop := untilInterrupted(ctx) // whoever is told where it is may end it
	defer stop()
	err = a.greet(ctx, s, scheme+"://"+listener.Addr().String())
	if err == nil {
		pages := builder.New(builder.Options{API: server, Host: s.hosts, Access: s.access, Log: log,
			Drafts: filepath.Join(o.data, "drafts")})
		var handler http.Handler = pages
		if secure != nil && o.strict {
			handler = strictly(pages)
		}
		ends := s.watchAll(ctx, o, log)
		err = a.answerUntilStopped(ctx, &answering{server, handler, log}, listener)
		ends()
	}
	return errors.Join(err, s.close())
}

// watchAll takes in what is put into folders, until the function that it returns is called.
func (s *site) watchAll(ctx context.Context, o *served, log *slog.Logger) func() {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for _, w := range o.watch {
		all.Go(func() {
			if err := s.desk.Watch(ctx, folderOf(w)); err != nil {
				log.Error("watch", "folder", w, "err", err)
			}
		})
	}
	return func() { cancel(); all.Wait() }
}

// greet tells where the server is, and on the first start the key that may do everything.
func (a *app) greet(ctx context.Context, s *site, url string) error {
	token := ""
	if len(s.access.Keys()) == 0 {
		var err error
		token, _, err = s.access.Make(ctx, access.Key{Label: "first", Workspaces: []string{"*"},
			Verbs: access.Verbs()}, "setup")
		if err != nil {
			return err
		}
	}
	code := s.access.SetupCode()
	if a.json {
		return json.NewEncoder(a.out).Encode(struct {
			URL   string `json:"url"`
			Key   string `json:"key,omitempty"`
			Setup string `json:"setup,omitempty"`
		}{url, token, code})
	}
	if token != "" {
		fmt.Fprintf(a.out, a.say(
			"the first key, which may do everything; it is shown this once:\n%s\n",
			"第一把密钥，拥有全部权限，只显示这一次：\n%s\n"), token)
	}
	if code != "" {
		fmt.Fprintf(a.out, a.say(
			"nobody administers it yet; the code to become that, until it stops:\n%s\n",
			"还没有管理员；在停止之前可用此设置码成为管理员：\n%s\n"), code)
	}
	_, err := fmt.Fprintf(a.out, a.say("serving %s\n", "服务地址 %s\n"), url)
	return err
}

// traceWithin is how long a collector may take for what is left when the server stops.
const traceWithin = 3 * time.Second

// stopWithin is how long requests that were begun may take when the server stops.
const stopWithin = 15 * time.Second

// server is what answers.
func (o *served) server(s *site, log *slog.Logger) (*api.Server, error) {
	x := api.Options{Host: s.hosts, Access: s.access, Log: log, Version: built().Version,
		Home: "/", Secure: o.secure(), Proxied: o.plain, Deliver: s.deliver,
		Nightly: s.nightly, Looks: s.looks, Files: s.files, Desk: s.desk, Vault: s.vault,
		Requests: o.requests, Links: s.links, Trace: s.trace,
		Beside: func(to io.Writer) error { return host.PackBeside(o.data, to) }}
	if o.public != "" {
		x.Origins = []string{o.public}
	}
	if o.issuer != "" {
		secret, err := os.ReadFile(o.secret)
		if err != nil {
			return nil, err
		}
		x.Provider, err = provider.New(provider.Config{Issuer: o.issuer, Client: o.client,
			Secret: strings.TrimSpace(string(secret)), Redirect: o.public + api.ProviderCallback})
		if err != nil {
			return nil, err
		}
	}
	return api.New(x), nil
}

// answering is what answers: the API, and the pages around it.
type answering struct {
	api   *api.Server
	pages http.Handler
	log   *slog.Logger
}

// untilInterrupted is a context that an interrupt ends; a second one ends the program at once.
func untilInterrupted(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// answerUntilStopped serves until its context ends, and then until what was begun is answered.
func (a *app) answerUntilStopped(ctx context.Context, x *answering, l net.Listener) error {
	web := x.api.HTTP()
	web.Handler = x.pages
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	x.log.Info("stopping")
	x.api.Drain()
	late, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	err := web.Shutdown(late)
	if errors.Is(err, context.DeadlineExceeded) {
		err = web.Close() // what streams have not got an answer to they submit again
	}
	if serve := <-ended; !errors.Is(serve, http.ErrServerClosed) {
		err = errors.Join(err, serve)
	}
	return err
}
