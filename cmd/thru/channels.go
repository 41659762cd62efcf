package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"

	"github.com/throughline/throughline/internal/plural"
	"github.com/throughline/throughline/runtime/api"
)

func (a *app) channels() *cobra.Command {
	var o distant
	c := &cobra.Command{
		Use:   "channels WORKSPACE --server URL --key FILE",
		Short: a.say("How people and systems are told, and how that goes.", "消息通道：设置与状态。"),
		Long: a.say(
			"channels lists the channels of a workspace on a running server: robots of groups (WeCom,\n"+
				"DingTalk, Feishu), mail, text messages, webhooks. A policy names them: notify … via wecom.\n"+
				"Their secrets are given once, kept sealed, and never shown.",
			"channels 列出运行中服务器上某工作区的通道：群机器人（企业微信、钉钉、飞书）、邮件、短信、webhook。\n"+
				"策略用名称引用它们：notify … via wecom。密钥只需提供一次，加密保存，不再显示。"),
		Example: "  thru channels east --server http://127.0.0.1:7321 --key admin.txt\n" +
			"  thru channels set east wecom wecom.toml --server http://127.0.0.1:7321 --key admin.txt\n" +
			"  thru channels try east wecom --server http://127.0.0.1:7321 --key admin.txt",
		Args:              a.takes(cobra.ExactArgs(1)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			return a.listChannels(c.Context(), &o, args[0])
		},
	}
	a.remoteFlags(c, &o)
	c.AddCommand(a.setChannel(&o), a.removeChannel(&o), a.tryChannel(&o))
	return c
}

// elsewhere ends an example.
const elsewhere = " --server http://127.0.0.1:7321 --key admin.txt"

// pathOf is the path of something of a workspace.
func pathOf(parts ...string) string {
	path := "/v1"
	for _, p := range parts {
		path += "/" + url.PathEscape(p)
	}
	return path
}

func (a *app) listChannels(ctx context.Context, o *distant, workspace string) error {
	s, err := a.reach(o)
	if err != nil {
		return err
	}
	var list api.ChannelList
	if err := s.ask(ctx, inquiry{http.MethodGet, pathOf(workspace, "channels"),
		nil, &list}); err != nil {
		return err
	}
	if a.json {
		for _, c := range list.Channels {
			if err := json.NewEncoder(a.out).Encode(c); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(a.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, a.say("NAME\tKIND\tGOES TO\tWAITING\tDEAD\tSENT\tSTATE",
		"名称\t类型\t目标\t等待\t失败\t已发\t状态"))
	for i := range list.Channels {
		c := &list.Channels[i]
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%s\n", c.Name, c.Kind, c.Host, c.Status.Waiting,
			c.Status.Dead, c.Status.Sent, a.channelState(c))
	}
	return w.Flush()
}

// channelState says how a channel fares.
func (a *app) channelState(c *api.Channel) string {
	switch {
	case !c.Set:
		return a.say("named in a policy, not set", "策略中使用但未设置")
	case c.Off:
		return a.say("off", "已停用")
	case c.Status.Broken:
		return a.say("broken: ", "有故障：") + c.Status.Why
	case !c.Status.Shut.IsZero():
		return a.say("throttled: ", "被限流：") + c.Status.Why
	}
	return a.say("fine", "正常")
}

func (a *app) setChannel(o *distant) *cobra.Command {
	return &cobra.Command{
		Use:   "set WORKSPACE NAME FILE",
		Short: a.say("Set a channel as a file says (TOML).", "按文件（TOML）设置通道。"),
		Long: a.say(
			"set reads what a channel is from a TOML file, or from standard input where FILE is -. What\n"+
				"is secret stands in its table [secret]; without one, the secret that it has stays.",
			"set 从 TOML 文件（FILE 为 - 时从标准输入）读取通道设置。密钥写在 [secret] 表中；\n"+
				"不写则保留已有的密钥。"),
		Example: "  thru channels set east wecom wecom.toml" + elsewhere,
		Args:    a.takes(cobra.ExactArgs(3)),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string,
			cobra.ShellCompDirective) {
			if len(args) < 2 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return []string{"toml"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.reach(o)
			if err != nil {
				return err
			}
			values, err := a.readChannel(args[2])
			if err != nil {
				return err
			}
			err = s.ask(c.Context(), inquiry{http.MethodPut, pathOf(args[0], "channels", args[1]),
				values, nil})
			if err != nil {
				return err
			}
			fmt.Fprintf(a.out, a.say("channel %s of %s is set\n", "通道 %s（%s）已设置\n"), args[1], args[0])
			return nil
		},
	}
}

// readChannel reads the file of a channel. The form of a text message may be written as JSON in a
// text, since TOML has other quotes.
func (a *app) readChannel(file string) (map[string]any, error) {
	var text []byte
	var err error
	if file == "-" {
		text, err = io.ReadAll(io.LimitReader(a.in, 1<<20))
	} else {
		text, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	if err := toml.Unmarshal(text, &values); err != nil {
		var place toml.ParseError
		if errors.As(err, &place) {
			return nil, usageError{fmt.Errorf("%s:%d: %s", file, place.Position.Line, place.Message)}
		}
		return nil, err
	}
	if body, ok := values["body"].(string); ok {
		if !json.Valid([]byte(body)) {
			return nil, usageError{fmt.Errorf(a.say("%s: body is JSON", "%s：body 应为 JSON"), file)}
		}
		values["body"] = json.RawMessage(body)
	}
	return values, nil
}

func (a *app) removeChannel(o *distant) *cobra.Command {
	return &cobra.Command{
		Use:               "remove WORKSPACE NAME",
		Short:             a.say("Take a channel away, with its secret.", "删除通道及其密钥。"),
		Example:           "  thru channels remove east wecom" + elsewhere,
		Args:              a.takes(cobra.ExactArgs(2)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.reach(o)
			if err != nil {
				return err
			}
			return s.ask(c.Context(), inquiry{http.MethodDelete, pathOf(args[0], "channels", args[1]),
				nil, nil})
		},
	}
}

func (a *app) tryChannel(o *distant) *cobra.Command {
	to := ""
	c := &cobra.Command{
		Use:               "try WORKSPACE NAME [--to ADDRESS]",
		Short:             a.say("Send a message through a channel.", "通过通道发送一条测试消息。"),
		Example:           "  thru channels try east mail --to li@example.com" + elsewhere,
		Args:              a.takes(cobra.ExactArgs(2)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.reach(o)
			if err != nil {
				return err
			}
			var out api.Tried
			err = s.ask(c.Context(), inquiry{http.MethodPost, pathOf(args[0], "channels", args[1], "try"),
				map[string]string{"to": to}, &out})
			if err != nil {
				return err
			}
			if !out.Taken {
				fmt.Fprintf(a.out, a.say("not taken: %s\n", "未被接受：%s\n"), out.Why)
				return errFault
			}
			fmt.Fprintln(a.out, a.say("taken", "已接受"))
			return nil
		},
	}
	c.Flags().StringVar(&to, "to", "", a.say("whom mail or a text message is sent to",
		"邮件或短信的接收地址"))
	_ = c.RegisterFlagCompletionFunc("to", cobra.NoFileCompletions) // the flag is there
	return c
}

func (a *app) deliveries() *cobra.Command {
	var o distant
	var state, channel string
	c := &cobra.Command{
		Use: "deliveries WORKSPACE --server URL --key FILE",
		Short: a.say("What waits to be told, was told, or could not be.",
			"等待发送、已发送和发送失败的消息。"),
		Long: a.say(
			"deliveries lists what a running server has to tell people and systems: what waits, what was\n"+
				"sent lately, and what could not be sent (--state dead). Those letters are kept: replay\n"+
				"sends them again, discard gives them up.",
			"deliveries 列出运行中服务器需要发送的消息：等待中的、最近已发送的，以及未能送达的（--state dead）。\n"+
				"未送达的会保留：replay 重新发送，discard 放弃。"),
		Example: "  thru deliveries east --state dead --server http://127.0.0.1:7321 --key admin.txt\n" +
			"  thru deliveries replay east --channel crm --server http://127.0.0.1:7321 --key admin.txt",
		Args:              a.takes(cobra.ExactArgs(1)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.reach(&o)
			if err != nil {
				return err
			}
			return a.listDeliveries(c.Context(), s, pathOf(args[0], "deliveries")+"?limit=1000&state="+
				url.QueryEscape(state)+"&channel="+url.QueryEscape(channel))
		},
	}
	a.remoteFlags(c, &o)
	c.Flags().StringVar(&state, "state", "waiting", a.say("waiting, sent or dead",
		"waiting（等待）、sent（已发）或 dead（失败）"))
	c.PersistentFlags().StringVar(&channel, "channel", "", a.say("only of this channel", "只看此通道"))
	states := []string{"waiting", "sent", "dead"}
	_ = c.RegisterFlagCompletionFunc("state", // the flags are there
		cobra.FixedCompletions(states, cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("channel", cobra.NoFileCompletions)
	c.AddCommand(
		a.letters(&o, &channel, "replay", a.say("Send again what could not be sent.", "重新发送未送达的消息。")),
		a.letters(&o, &channel, "discard", a.say("Give up what could not be sent.", "放弃未送达的消息。")))
	return c
}

func (a *app) listDeliveries(ctx context.Context, s *serverAt, path string) error {
	var list api.Deliveries
	if err := s.ask(ctx, inquiry{http.MethodGet, path,
		nil, &list}); err != nil {
		return err
	}
	for i := range list.Deliveries {
		d := &list.Deliveries[i]
		if a.json {
			if err := json.NewEncoder(a.out).Encode(d); err != nil {
				return err
			}
			continue
		}
		line := fmt.Sprintf("%s  %q  %s", d.At.Format("2006-01-02 15:04"), d.ID, strings.Join(d.For, " "))
		if d.Text != "" {
			line += "  " + d.Text
		}
		if d.Why != "" {
			line += "  — " + d.Why
		}
		fmt.Fprintln(a.out, line)
	}
	if more := list.All - len(list.Deliveries); more > 0 && !a.json {
		fmt.Fprintf(a.out, a.say("and %d more\n", "另有 %d 条\n"), more)
	}
	return nil
}

// letters is a command that does something with dead letters.
func (a *app) letters(o *distant, channel *string, do, short string) *cobra.Command {
	return &cobra.Command{
		Use:               do + " WORKSPACE [ID…]",
		Short:             short,
		Example:           "  thru deliveries " + do + " east \"17/0 crm all\"" + elsewhere,
		Args:              a.takes(cobra.MinimumNArgs(1)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.reach(o)
			if err != nil {
				return err
			}
			var out api.Acted
			err = s.ask(c.Context(), inquiry{http.MethodPost, pathOf(args[0], "deliveries", do),
				map[string]any{"ids": args[1:], "channel": *channel}, &out})
			if err == nil {
				plural.Fprintf(a.out, a.say("%d letter{|s}\n", "%d 条消息\n"), out.Deliveries)
			}
			return err
		},
	}
}
