package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/ask"
	"github.com/throughline/throughline/runtime/deliver"
	"github.com/throughline/throughline/runtime/deliver/channel"
	"github.com/throughline/throughline/runtime/files"
	"github.com/throughline/throughline/runtime/host"
	"github.com/throughline/throughline/runtime/media"
	"github.com/throughline/throughline/runtime/store"
)

// Problem is why a request was not done, as RFC 9457 has it.
type Problem struct {
	Type   string `json:"type" doc:"about:blank: the code says what it is"`
	Title  string `json:"title" doc:"What is wrong, in the language asked for"`
	Status int    `json:"status"`
	Code   string `json:"code" doc:"What is wrong, for programs: it stays the same"`
	Detail string `json:"detail,omitempty" doc:"More about this time"`

	Errors      []Wrong         `json:"errors,omitempty" doc:"What is wrong with which part of the request"`
	Diagnostics []source.Report `json:"diagnostics,omitempty" doc:"What is wrong with a policy"`

	Told *ToConfirm `json:"told,omitempty" doc:"What there is to confirm"`

	zh     string
	detail string // in Chinese; "": as Detail
	after  time.Duration
}

// Wrong is what is wrong with a part of a request.
type Wrong struct {
	Message  string `json:"message"`
	Location string `json:"location,omitempty"`
}

// Error is the problem in English.
func (p *Problem) Error() string { return p.Code + ": " + p.Title + ": " + p.Detail }

// problemType is the type of a problem in JSON.
const problemType = "application/problem+json"

// headers say when to try again, where that may help.
func (p *Problem) headers() http.Header {
	h := http.Header{}
	if p.after > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.after.Seconds()))))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="throughline"`)
	}
	return h
}

// answered is a problem as the framework takes it. It becomes a Problem on its way out (told).
type answered struct {
	*huma.ErrorModel
	of *Problem
}

// in is the problem in a language.
func (p *Problem) in(lang string) *Problem {
	if lang != "zh" {
		return p
	}
	out := *p
	out.Title = p.zh
	if p.detail != "" {
		out.Detail = p.detail
	}
	return &out
}

// problems are what can be wrong, by code.
func problems() map[string]Problem {
	out := map[string]Problem{}
	for _, p := range append(broughtProblems(), []Problem{
		{Code: "no-key", Status: 401, Title: "give a valid key, or come in", zh: "请提供有效的密钥或登录"},
		{Code: "expired-key", Status: 401, Title: "the key or session has ended", zh: "密钥或会话已失效"},
		{Code: "wrong-login", Status: 401, Title: "login or password is wrong", zh: "用户名或密码错误"},
		{Code: "not-allowed", Status: 403, Title: "you may not do this", zh: "您无权执行此操作"},
		{Code: "no-account", Status: 403, Title: "nobody here has this address", zh: "没有对应的账号"},
		{Code: "provider", Status: 502, Title: "the identity provider does not answer as it should",
			zh: "身份提供方没有正常应答"},
		{Code: "foreign-page", Status: 403, Title: "another site's page may not ask this",
			zh: "其他网站的页面不能发出此请求"},
		{Code: "structure", Status: 403, Title: "you may change numbers, not structure",
			zh: "您只能修改数字，不能修改结构"},
		{Code: "confirm", Status: 409, Title: "it changes more than goes without saying",
			zh: "改动较大，需要确认"},
		{Code: "no-candidate", Status: 404, Title: "no policy is tried beside the one in force",
			zh: "没有在试运行的策略"},
		{Code: "unknown-person", Status: 404, Title: "there is no such person", zh: "没有这个人员"},
		{Code: "wrong-person", Status: 422, Title: "a person cannot be like this", zh: "人员信息有误"},
		{Code: "wrong-password", Status: 422, Title: "this cannot be a password", zh: "密码不符合要求"},
		{Code: "set-up", Status: 409, Title: "there is an administrator, or the code is another",
			zh: "已有管理员，或设置码不正确"},
		{Code: "last-admin", Status: 409, Title: "nobody would be left who may do everything",
			zh: "不能没有管理员"},
		{Code: "unknown-workspace", Status: 404, Title: "there is no such workspace", zh: "没有这个工作区"},
		{Code: "unknown-record", Status: 404, Title: "there is no such record", zh: "没有这条记录"},
		{Code: "unknown-seq", Status: 404, Title: "the log has no such entry", zh: "日志中没有这个条目"},
		{Code: "unknown-policy", Status: 404, Title: "there is no such policy", zh: "没有这个策略"},
		{Code: "unknown-key", Status: 404, Title: "there is no such key", zh: "没有这个密钥"},
		{Code: "erased", Status: 410, Title: "it was erased", zh: "内容已被删除"},
		{Code: "unknown-channel", Status: 404, Title: "there is no such channel", zh: "没有这个通道"},
		{Code: "wrong-channel", Status: 422, Title: "a channel cannot be like this", zh: "通道设置有误"},
		{Code: "unsigned", Status: 404, Title: "the log was not signed yet", zh: "日志尚未签名"},
		{Code: "other-log", Status: 409, Title: "the log is not the one that was signed before",
			zh: "日志不是此前签名的那份"},
		{Code: "no-nightly", Status: 503, Title: "this server does nothing by itself",
			zh: "本服务器不执行夜间任务"},
		{Code: "no-delivery", Status: 503, Title: "this server delivers nothing", zh: "本服务器不发送消息"},
		{Code: "wrong-question", Status: 422, Title: "this cannot be asked", zh: "不能这样提问"},
		{Code: "wrong-request", Status: 422, Title: "the request is wrong", zh: "请求有误"},
		{Code: "wrong-name", Status: 422, Title: "a workspace cannot be called this", zh: "工作区不能用这个名称"},
		{Code: "wrong-policy", Status: 422, Title: "the policy cannot be put in force",
			zh: "策略不能生效"},
		{Code: "exists", Status: 409, Title: "there is one already", zh: "已经存在"},
		{Code: "moved", Status: 409, Title: "another policy is in force than was expected",
			zh: "当前生效的策略与预期不同"},
		{Code: "too-large", Status: 413, Title: "the request is too large", zh: "请求过大"},
		{Code: "too-slow", Status: 408, Title: "the request came too slowly", zh: "请求到达过慢"},
		{Code: "cut-short", Status: 400, Title: "the request ended early", zh: "请求没有传完"},
		{Code: "busy", Status: 429, Title: "too much is waiting; try again", zh: "等待处理的过多，请重试"},
		{Code: "closing", Status: 503, Title: "the server or the workspace is closing",
			zh: "服务器或工作区正在关闭"},
		{Code: "damaged", Status: 503, Title: "the workspace cannot be opened", zh: "工作区无法打开"},
		{Code: "disk", Status: 507, Title: "it could not be written", zh: "无法写入"},
		{Code: "broken", Status: 500, Title: "something is wrong with the server", zh: "服务器出错"},
	}...) {
		p.Type = "about:blank"
		out[p.Code] = p
	}
	return out
}

// broughtProblems are what can be wrong with files and tables that somebody brings.
func broughtProblems() []Problem {
	return []Problem{
		{Code: "unknown-file", Status: 404, Title: "there is no such file", zh: "没有这个文件"},
		{Code: "missing-file", Status: 422, Title: "a record names a file that is not here",
			zh: "记录引用的文件不在服务器上"},
		{Code: "no-files", Status: 503, Title: "this server keeps no files", zh: "本服务器不保存文件"},
		{Code: "wrong-table", Status: 422, Title: "the table or its mapping cannot be used",
			zh: "表格或映射不能使用"},
		{Code: "unknown-import", Status: 404, Title: "there is no such import", zh: "没有这次导入"},
		{Code: "unknown-mapping", Status: 404, Title: "there is no such mapping", zh: "没有这个映射"},
		{Code: "unknown-hook", Status: 404, Title: "there is no such hook", zh: "没有这个接收地址"},
		{Code: "wrong-signature", Status: 401, Title: "it is not signed as it should be",
			zh: "签名不正确"},
		{Code: "other-state", Status: 409, Title: "this cannot be done with an import as it is now",
			zh: "以导入目前的状态不能这样做"},
		{Code: "import-gone", Status: 410, Title: "its table is not kept any more", zh: "表格已不再保存"},
		{Code: "no-imports", Status: 503, Title: "this server takes no tables in", zh: "本服务器不导入表格"},
	}
}

// problem is a problem by its code, with more about it in both languages; zh "": as en.
func (s *Server) problem(code, en, zh string) *Problem {
	p, ok := s.problems[code]
	if !ok {
		panic("no problem is called " + code)
	}
	p.Detail, p.detail = en, zh
	return &p
}

// fault makes an error from below what the caller is told.
func (s *Server) fault(err error) error {
	if err == nil {
		return nil
	}
	p := s.problemOf(err)
	return huma.ErrorWithHeaders(&answered{&huma.ErrorModel{Status: p.Status}, p}, p.headers())
}

// bytesOf is a size as people say it, where it is a round one.
func bytesOf(n int64, bytes string) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d %s", n, bytes)
}

// problemOf is the problem that an error is. What is not the caller's to know goes to the server's
// own log.
func (s *Server) problemOf(err error) *Problem {
	var done *Problem
	if errors.As(err, &done) {
		return done
	}
	if p := s.asked(err); p != nil {
		return p
	}
	if p := s.person(err); p != nil {
		return p
	}
	if p := s.file(err); p != nil {
		return p
	}
	if p := s.table(err); p != nil {
		return p
	}
	if p := s.world(err); p != nil {
		return p
	}
	s.o.Log.Error("request", "err", err)
	return s.problem("broken", "", "")
}

// asked are the errors that the caller can do something about.
func (s *Server) asked(err error) *Problem {
	var (
		none   *host.NoWorkspaceError
		busy   *runtime.BusyError
		wrong  *ask.Mistake
		record *ask.NoRecordError
		seq    *ask.NoSeqError
		gone   *runtime.ErasedError
		large  *http.MaxBytesError
		late   net.Error
		way    *channel.Mistake
	)
	switch {
	case errors.As(err, &none):
		return s.problem("unknown-workspace", none.Error(), "")
	case errors.As(err, &busy):
		p := s.problem("busy", "", "")
		p.after = max(busy.After, time.Second)
		return p
	case errors.As(err, &wrong):
		return s.problem("wrong-question", wrong.In("en"), wrong.In("zh"))
	case errors.As(err, &record):
		return s.problem("unknown-record", record.In("en"), record.In("zh"))
	case errors.As(err, &seq):
		return s.problem("unknown-seq", seq.In("en"), seq.In("zh"))
	case errors.As(err, &gone):
		return s.problem("erased", gone.Error(), "")
	case errors.As(err, &large):
		return s.problem("too-large", "at most "+bytesOf(large.Limit, "bytes"),
			"最多 "+bytesOf(large.Limit, "字节"))
	case errors.As(err, &late) && late.Timeout():
		return s.problem("too-slow", "", "")
	case errors.As(err, &way):
		return s.problem("wrong-channel", way.En, way.Zh)
	case errors.Is(err, deliver.ErrNotOpen):
		return s.problem("no-delivery", "", "")
	case errors.Is(err, host.ErrName):
		return s.problem("wrong-name", err.Error(), "名称由 1 到 63 个小写字母、数字或连字符组成")
	case errors.Is(err, host.ErrExists):
		return s.problem("exists", err.Error(), "")
	}
	return nil
}

// person are the errors about people and keys.
func (s *Server) person(err error) *Problem {
	var wait *access.WaitError
	switch {
	case errors.As(err, &wait):
		p := s.problem("busy", "too many wrong passwords", "密码错误次数过多")
		p.after = max(wait.For, time.Second)
		return p
	case errors.Is(err, access.ErrKey), errors.Is(err, access.ErrHiding):
		return s.problem("wrong-request", err.Error(), "")
	case errors.Is(err, access.ErrUnknown):
		return s.problem("unknown-key", "", "")
	case errors.Is(err, access.ErrLogin):
		return s.problem("wrong-login", "", "")
	case errors.Is(err, access.ErrSession):
		return s.problem("no-key", "", "")
	case errors.Is(err, access.ErrNobody):
		return s.problem("unknown-person", "", "")
	case errors.Is(err, access.ErrPerson):
		return s.problem("wrong-person", err.Error(), "")
	case errors.Is(err, access.ErrTaken):
		return s.problem("exists", err.Error(), "用户名或邮箱已被使用")
	case errors.Is(err, access.ErrPassword):
		return s.problem("wrong-password", err.Error(),
			"密码为 10 到 200 个字符，其中的用户名不计入长度，也不能全是同一个字符")
	case errors.Is(err, access.ErrSetup):
		return s.problem("set-up", "", "")
	case errors.Is(err, access.ErrLast):
		return s.problem("last-admin", "", "")
	}
	return nil
}

// file are the errors about files.
func (s *Server) file(err error) *Problem {
	var write *files.WriteError
	switch {
	case errors.As(err, &write):
		s.o.Log.Error("write", "err", err)
		return s.problem("disk", "", "")
	case errors.Is(err, files.ErrNone):
		return s.problem("unknown-file", "", "")
	case errors.Is(err, files.ErrTooLarge):
		return s.problem("too-large", fmt.Sprintf("a file has at most %d MiB", media.MaxBytes>>20),
			fmt.Sprintf("一个文件最多 %d MiB", media.MaxBytes>>20))
	case errors.Is(err, files.ErrEmpty):
		return s.problem("wrong-request", "the file is empty", "文件是空的")
	}
	return nil
}

// world are the errors of disk and process.
func (s *Server) world(err error) *Problem {
	var open *store.OpenError
	var write *store.WriteError
	switch {
	case errors.Is(err, host.ErrClosed), errors.Is(err, runtime.ErrClosed),
		errors.Is(err, store.ErrClosed):
		p := s.problem("closing", "", "")
		p.after = time.Second
		return p
	case errors.As(err, &write), errors.Is(err, store.ErrFull), errors.Is(err, fs.ErrPermission):
		s.o.Log.Error("write", "err", err)
		return s.problem("disk", "", "")
	case errors.As(err, &open), errors.Is(err, store.ErrDamaged):
		s.o.Log.Error("open", "err", err)
		return s.problem("damaged", "", "")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return s.problem("closing", "", "")
	}
	return nil
}

// told is every answer's last change: problems take the language asked for, and those that the
// framework found get codes.
func (s *Server) told(ctx huma.Context, _ string, v any) (any, error) {
	lang := language(ctx.Header("Accept-Language"))
	switch p := v.(type) {
	case *answered:
		return p.of.in(lang), nil
	case *huma.ErrorModel:
		code := map[int]string{413: "too-large", 408: "too-slow", 500: "broken"}[p.Status]
		if code == "" {
			code = "wrong-request"
		}
		detail := inWords(p.Detail, lang)
		if len(p.Errors) > 0 {
			detail = "" // that it is wrong has been said, and what is follows
		}
		own := s.problem(code, detail, "").in(lang)
		own.Status = p.Status
		for _, e := range p.Errors {
			own.Errors = append(own.Errors, s.wrong(ctx.Operation(), e, lang))
		}
		return own, nil
	}
	return v, nil
}

// language is the better liked one of en and zh in an Accept-Language header; "": neither is
// named.
func language(header string) (lang string) {
	best := 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if text, ok := strings.CutPrefix(strings.TrimSpace(weight), "q="); ok {
			if x, err := strconv.ParseFloat(text, 64); err == nil {
				q = x
			}
		}
		base, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		if (base == "en" || base == "zh") && q > best {
			lang, best = base, q
		}
	}
	return lang
}
