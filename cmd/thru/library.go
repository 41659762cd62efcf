package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/templates"
	"github.com/throughline/throughline/templates/pack"
	"github.com/throughline/throughline/templates/pack/remote"
)

func (a *app) search() *cobra.Command {
	var most int
	c := &cobra.Command{
		Use:   "search [WORD…]",
		Short: a.say("Look for action templates in the library.", "在模板库中查找动作模板。"),
		Long: a.say(
			"search lists the templates of the library in which every word stands, Chinese or English: in\n"+
				"their names, their reasons, their steps or their package. Add a package with thru add.",
			"search 列出库中包含每个词（中文或英文）的模板：名称、缘由、步骤或所在的程序包。\n"+
				"用 thru add 引入程序包。"),
		Example: "  thru search 冰柜\n  thru search shelf photo --json\n  thru search medical --most 0",
		RunE: func(_ *cobra.Command, args []string) error {
			x, err := templates.Library()
			if err != nil {
				return err
			}
			return a.tellFound(x.Search(strings.Join(args, " ")), most)
		},
	}
	c.Flags().IntVar(&most, "most", 20, a.say("list at most this many; 0: all", "最多列出的个数；0 表示全部"))
	return c
}

func (a *app) tellFound(found []*templates.Entry, most int) error {
	all := len(found)
	if most > 0 && all > most {
		found = found[:most]
	}
	for _, e := range found {
		if a.json {
			if err := json.NewEncoder(a.out).Encode(e); err != nil {
				return err
			}
			continue
		}
		label, why := e.Label.Zh, e.Why.Zh
		if a.lang != chinese {
			label, why = e.Label.En, e.Why.En
		}
		fmt.Fprintf(a.out, "%s.%s  %s\n    %s\n", e.Package, e.Name, label, why)
	}
	switch {
	case all == 0:
		fmt.Fprintln(a.err, a.say("nothing is called so; try one word less, or: thru search --most 0",
			"没有找到；可少写一个词，或用：thru search --most 0"))
	case len(found) < all:
		fmt.Fprintf(a.err, a.say("%d of %d; --most 0 lists all\n",
			"%d 个，共 %d 个；--most 0 列出全部\n"), len(found), all)
	}
	return nil
}

func (a *app) pack() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "pack [DIR]",
		Short: a.say("Pack a folder as a package that others can add.", "把目录打包成他人可以引入的程序包。"),
		Long: a.say(
			"pack checks the policy in a folder, runs its tests, and writes NAME@VERSION.zip, named by\n"+
				"its thru.toml. Equal files make equal bytes. Others add it with: thru add NAME --from FILE.",
			"pack 检查目录中的策略、运行其测试，并按 thru.toml 写出 名称@版本.zip。\n"+
				"文件相同则字节相同。他人用 thru add 名称 --from 文件 引入。"),
		Example:           "  thru pack .\n  thru pack templates/shelf --out dist",
		Args:              a.takes(cobra.MaximumNArgs(1)),
		ValidArgsFunction: folderThen(),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return a.packFolder(dir, out)
		},
	}
	c.Flags().StringVarP(&out, "out", "o", ".", a.say("folder to write to", "写入的目录"))
	_ = c.MarkFlagDirname("out") // the flag is there: just made
	return c
}

func (a *app) packFolder(dir, out string) error {
	if _, err := os.Stat(dir); err != nil {
		return err // Read would call the folder "."
	}
	p, err := pack.Read(os.DirFS(dir), ".")
	if err != nil {
		return err
	}
	var o tested
	if err := a.readTested(&o); err != nil {
		return err
	}
	if err := a.runTests(dir, &o); err != nil {
		return err
	}
	name := filepath.Join(out, p.String()+".zip")
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	if was, err := os.ReadFile(name); err == nil {
		if q, err := pack.Unpack(was); err == nil && q.Hash != p.Hash {
			return fmt.Errorf(a.say("%s is there with other contents: a version is published once; "+
				"raise version in thru.toml",
				"%s 已存在且内容不同：一个版本只发布一次；请提高 thru.toml 中的 version"), name)
		}
	}
	if err := os.WriteFile(name, p.Archive(), 0o644); err != nil {
		return err
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]string{
			"file": name, "name": p.Name, "version": p.Version, "hash": p.Hash})
	}
	_, err = fmt.Fprintf(a.out, "%s  %s\n", name, p.Hash)
	return err
}

func (a *app) vendor() *cobra.Command {
	return &cobra.Command{
		Use:   "vendor [DIR]",
		Short: a.say("Write the required packages out as folders.", "把引入的程序包写成目录。"),
		Long: a.say(
			"vendor writes every package of thru.lock as a folder below vendor/, to read or to commit.\n"+
				"Such folders come before the archives, and their bytes must be those of the lock as well.",
			"vendor 把 thru.lock 中的每个程序包写成 vendor/ 下的目录，便于阅读或提交。\n"+
				"这些目录优先于归档，其字节同样必须与锁一致。"),
		Example:           "  thru vendor\n  thru vendor policies/east-china",
		Args:              a.takes(cobra.MaximumNArgs(1)),
		ValidArgsFunction: folderThen(),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			list, err := pack.WriteVendor(dir)
			for _, id := range list {
				fmt.Fprintf(a.err, "%s/%s/%s\n", dir, pack.Vendor, id.Folder())
			}
			return err
		},
	}
}

func (a *app) audit() *cobra.Command {
	var o sourcing
	var offline bool
	c := &cobra.Command{
		Use:   "audit [DIR]",
		Short: a.say("Compare the required packages with their hashes.", "核对引入的程序包的哈希。"),
		Long: a.say(
			"audit lists the packages of thru.lock with their licences, reads the bytes of each and\n"+
				"compares them with the lock, their signatures with [trust] of thru.toml, and says which\n"+
				"are newer at their source. It exits with 1 if one is missing, changed or not signed by\n"+
				"whom it must be.",
			"audit 列出 thru.lock 中的程序包及其许可证，读取各包字节并与锁核对，\n"+
				"签名与 thru.toml 的 [trust] 核对，并说明来源处是否有更新的版本。\n"+
				"有缺失、改动或缺少必需的签名时以 1 退出。"),
		Example: "  thru audit\n  thru audit policies/east-china --json\n" +
			"  thru audit --offline",
		Args:              a.takes(cobra.MaximumNArgs(1)),
		ValidArgsFunction: folderThen(),
		RunE: func(c *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			var s pack.Source
			if !offline {
				var err error
				if s, err = o.of(dir); err != nil {
					return err
				}
			}
			list, err := pack.Audit(c.Context(), os.DirFS(dir), s)
			if err != nil {
				return err
			}
			return a.tellAudit(list)
		},
	}
	o.flags(a, c)
	c.Flags().BoolVar(&offline, "offline", false,
		a.say("ask nobody for newer versions", "不查询新版本"))
	return c
}

func (a *app) tellAudit(list []pack.Audited) error {
	bad := false
	for _, x := range list {
		bad = bad || x.Fault != ""
		if a.json {
			if err := json.NewEncoder(a.out).Encode(x); err != nil {
				return err
			}
			continue
		}
		state := a.say("ok", "一致")
		if x.Fault != "" {
			state = a.say("FAULT ", "有问题 ") + x.Fault
		} else if x.Newer != "" {
			state += a.say(", newer: ", "，有新版本：") + x.Newer
		}
		if len(x.Signed) > 0 {
			state += a.say(", signed by ", "，签名者 ") + strings.Join(x.Signed, ", ")
		}
		if len(x.Others) > 0 {
			state += fmt.Sprintf(a.say(", not looked at: a signature by %s", "，未核对的签名：%s"),
				strings.Join(x.Others, ", "))
		}
		if x.Unasked != "" {
			state += a.say("; not asked for newer ones: ", "；未能查询新版本：") + x.Unasked
		}
		fmt.Fprintf(a.out, "%s %s  %s  %s\n", x.Name, x.Version, x.License, state)
	}
	if len(list) == 0 {
		fmt.Fprintln(a.err, a.say("no packages are required; find some with: thru search",
			"没有引入程序包；可用 thru search 查找"))
	}
	if bad {
		return errFault
	}
	return nil
}

// packageWords are the errors of packages in Chinese.
func packageWords(err error) string {
	for _, c := range []struct {
		err  error
		text string
	}{
		{pack.ErrName, "不是程序包的名称"}, {pack.ErrVersion, "不是版本号"},
		{pack.ErrStale, "thru.lock 与 thru.toml 的要求不符"}, {pack.ErrUnknown, "没有这个程序包"},
		{pack.ErrChanged, "字节与 thru.lock 不符"}, {pack.ErrTooLarge, "超过程序包的大小限制"},
		{pack.ErrPath, "程序包中不允许的路径"}, {pack.ErrLanguage, "使用了更新版本的语言；请更新 thru"},
		{pack.ErrManifest, "thru.toml 没有写明程序包的名称和版本"},
		{pack.ErrNotThere, "已引入但尚未取得；请运行 thru add"}, {pack.ErrLock, "无法读取 thru.lock"},
		{pack.ErrClash, "两个程序包同名"}, {pack.ErrCycle, "程序包互相依赖"},
		{pack.ErrLies, "来源给出的字节与其所说不符"}, {pack.ErrIndex, "不是程序包索引"},
		{pack.ErrPublished, "该版本已发布且内容不同；请提高 thru.toml 中的 version"},
		{pack.ErrBusy, "有人正在发布"}, {pack.ErrRaced, "文件刚被他人改动；请重试"},
		{pack.ErrKey, "不是密钥"}, {pack.ErrUnsigned, "没有 thru.toml 的 [trust] 所要求的签名"},
		{pack.ErrForged, "签名针对的是别的内容"}, {pack.ErrSignature, "不是签名"},
		{errOpenKey, "私钥可被他人读取；请运行 chmod 600"},
		{remote.ErrLocation, "不是程序包的来源"}, {remote.ErrPlain, "未加密；确需如此请加 --plain-http"},
		{remote.ErrLogin, "需要登录；请运行 docker login"}, {remote.ErrServer, "服务器没有正常应答"},
	} {
		if errors.Is(err, c.err) && !errors.Is(err, fs.ErrNotExist) {
			return c.text + "（" + err.Error() + "）"
		}
	}
	return ""
}
