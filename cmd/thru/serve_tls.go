package main

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// tlsFlags are those of how connections are protected.
func (a *app) tlsFlags(c *cobra.Command, o *served) {
	f := c.Flags()
	f.StringVar(&o.cert, "cert", "", a.say("certificate (PEM), with those that sign it",
		"证书（PEM），含签发链"))
	f.StringVar(&o.key, "key", "", a.say("private key of the certificate", "证书的私钥"))
	f.BoolVar(&o.plain, "plain", false,
		a.say("no TLS on another address than this machine's", "在本机以外的地址上不使用 TLS"))
	f.BoolVar(&o.strict, "hsts", true,
		a.say("over TLS, tell browsers to come in no other way; =false leaves it out",
			"使用 TLS 时要求浏览器只以此方式访问；=false 则不要求"))
	f.StringArrayVar(&o.acme, "acme", nil,
		a.say("name to get a certificate for; may be repeated", "要申请证书的域名；可重复"))
	f.StringVar(&o.email, "acme-email", "",
		a.say("whom the authority may write to", "证书机构的联系邮箱"))
	f.StringVar(&o.directory, "acme-directory", "",
		a.say("address of the authority; Let's Encrypt if not given", "证书机构的地址；默认 Let's Encrypt"))
	_ = c.MarkFlagFilename("cert", "pem") // the flags are there: just made
	_ = c.MarkFlagFilename("key", "pem", "key")
}

// tls is how connections are protected; nil: they are not.
func (a *app) tls(o *served) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	switch {
	case len(o.acme) > 0:
		// Certificates and the account's key are kept, since authorities give only so many a week.
		m := &autocert.Manager{Prompt: autocert.AcceptTOS, Email: o.email,
			HostPolicy: autocert.HostWhitelist(o.acme...),
			Cache:      autocert.DirCache(filepath.Join(o.data, "acme"))}
		if o.directory != "" {
			m.Client = &acme.Client{DirectoryURL: o.directory}
		}
		c.GetCertificate = m.GetCertificate
		c.NextProtos = append(c.NextProtos, acme.ALPNProto)
	case o.cert != "":
		own, err := tls.LoadX509KeyPair(o.cert, o.key)
		if err != nil {
			return nil, fmt.Errorf(a.say("certificate %s with key %s: %w", "证书 %s 与私钥 %s：%w"),
				o.cert, o.key, err)
		}
		c.Certificates = []tls.Certificate{own}
	default:
		return nil, nil
	}
	return c, nil
}

// strictly has browsers come over TLS alone for half a year from each answer on. Other names of the
// same domain are not ours to speak for.
func strictly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=15552000")
		h.ServeHTTP(w, r)
	})
}
