package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/deliver"
	"github.com/throughline/throughline/runtime/deliver/door"
	"github.com/throughline/throughline/runtime/deliver/link"
	"github.com/throughline/throughline/runtime/deliver/vault"
	"github.com/throughline/throughline/runtime/nightly"
	"github.com/throughline/throughline/runtime/seal"
)

// delivery is what the flags of serve say of telling people and systems.
type delivery struct {
	on   bool
	key  string   // file of the key that secrets are sealed under
	nets []string // of one's own, that may be gone to
}

func (a *app) deliveryFlags(c *cobra.Command, o *delivery) {
	f := c.Flags()
	f.BoolVar(&o.on, "deliver", true, a.say(
		"tell people and systems; =false for a copy that must not", "发送消息；测试副本请用 =false"))
	f.StringVar(&o.key, "secrets-key", "", a.say(
		"file of the key that secrets are sealed under; secrets.key in the folder if not given",
		"加密密钥所用主密钥的文件；默认为数据目录中的 secrets.key"))
	f.StringArrayVar(&o.nets, "deliver-to", nil, a.say(
		"network of one's own that messages may go to, as 10.1.0.0/16; may be repeated",
		"允许发往的自有网络，如 10.1.0.0/16；可重复"))
	_ = c.MarkFlagFilename("secrets-key", "key") // the flags are there: just made
	_ = c.RegisterFlagCompletionFunc("deliver-to", cobra.NoFileCompletions)
}

// sound says what is wrong with the flags; "": nothing.
func (o *delivery) sound(a *app) string {
	for _, n := range o.nets {
		if _, err := netip.ParsePrefix(n); err != nil {
			return fmt.Sprintf(a.say("--deliver-to is a network, as 10.1.0.0/16, not %q",
				"--deliver-to 应为网络，如 10.1.0.0/16，而不是 %q"), n)
		}
	}
	return ""
}

// vault opens what keeps the secrets.
func (o *delivery) vault(a *app, dir string) (*vault.Vault, error) {
	file := o.key
	if file == "" {
		file = filepath.Join(dir, "secrets.key")
	}
	sealed := filepath.Join(dir, "secrets.json")
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(sealed); err == nil { // a key of our own would open nothing
			return nil, fmt.Errorf(a.say(
				"%s is sealed under a key that is not at %s: a copy has none; put it there, or move the "+
					"secrets away to begin without any",
				"%s 用 %s 处缺少的密钥加密：副本不含密钥；请将密钥放到该处，或移走该文件后重新开始"), sealed, file)
		}
	}
	key, err := vault.KeyFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return vault.Open(sealed, key)
}

// service makes what tells people and systems; nil: nothing does.
func (o *delivery) service(
	dir string, secrets *vault.Vault, s *site, log *slog.Logger,
) (*deliver.Service, error) {
	if !o.on {
		return nil, nil
	}
	var own []netip.Prefix
	for _, n := range o.nets {
		p, err := netip.ParsePrefix(n)
		if err != nil {
			return nil, err
		}
		own = append(own, p.Masked())
	}
	return deliver.New(deliver.Options{Dir: filepath.Join(dir, "workspaces"), Vault: secrets,
		Channels: api.Channels(s.access), Email: s.access.EmailAs, Door: door.New(own), Log: log,
		Links: s.links, Stopped: api.NoDigests(s.access)}), nil
}

// linkKey is what the key that signs addresses in messages is kept as. No workspace is called "-".
const linkKey = "-/links"

// linksOf signs addresses that lead to where people reach the server.
func linksOf(secrets *vault.Vault, public string) (*link.Signer, error) {
	var key []byte
	there, err := secrets.Get(linkKey, &key)
	if err == nil && !there {
		key = make([]byte, 32)
		_, _ = rand.Read(key) // it never fails
		err = secrets.Put(linkKey, key)
	}
	return &link.Signer{Key: key, Base: public}, err
}

// signingKey is what the key that signs checkpoints is kept as. No workspace is called "-".
const signingKey = "-/checkpoint"

// keyFrom reads the key that signs checkpoints, or makes it.
func keyFrom(secrets *vault.Vault) (*seal.Key, error) {
	var text []byte
	there, err := secrets.Get(signingKey, &text)
	if err == nil && !there {
		if text, err = seal.NewKey("throughline"); err == nil {
			err = secrets.Put(signingKey, text)
		}
	}
	if err != nil {
		return nil, err
	}
	return seal.ReadKey(text)
}

// tend begins to do what has to be done every night.
func (s *site) tend(dir string, secrets *vault.Vault, log *slog.Logger) (err error) {
	x := nightly.Options{Host: s.hosts, Dir: dir, Setting: api.Nightly(s.access), Log: log,
		Files: s.files}
	if s.deliver != nil {
		x.Post = s.deliver.Post
	}
	if x.Key, err = keyFrom(secrets); err == nil {
		s.nightly, err = nightly.Start(x)
	}
	return err
}
