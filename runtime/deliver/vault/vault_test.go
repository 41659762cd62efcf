package vault_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/deliver/vault"
)

func TestSecretsAreSealed(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "secrets.json")
	key, err := vault.KeyFile(filepath.Join(dir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	open := func() *vault.Vault {
		t.Helper()
		again, err := vault.KeyFile(filepath.Join(dir, "key"))
		if err != nil || !bytes.Equal(again, key) {
			t.Fatal("the key is another the second time", err)
		}
		v, err := vault.Open(file, again)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	v := open()
	for _, name := range []string{"east/wecom", "west/wecom"} {
		if err := v.Put(name, "hush-"+name); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(b), "hush") {
		t.Errorf("%s, %v", b, err)
	}
	if info, _ := os.Stat(file); info.Mode().Perm() != 0o600 {
		t.Error(info.Mode())
	}
	v = open()
	var got string
	if ok, err := v.Get("east/wecom", &got); !ok || err != nil || got != "hush-east/wecom" {
		t.Error(got, ok, err)
	}
	if ok, err := v.Get("north/wecom", &got); ok || err != nil {
		t.Error(ok, err)
	}
	if err := v.Drop("east/wecom"); err != nil || v.Has("east/wecom") {
		t.Error(err)
	}
	if v = open(); v.Has("east/wecom") || !slices.Equal(v.Names(), []string{"west/wecom"}) {
		t.Error("it is still there")
	}
}

func TestAnotherKeyOpensNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secrets.json")
	key := bytes.Repeat([]byte{1}, vault.KeySize)
	v, err := vault.Open(file, key)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Put("a", "x"); err != nil {
		t.Fatal(err)
	}
	if err := v.Put("b", "y"); err != nil {
		t.Fatal(err)
	}
	for _, k := range [][]byte{nil, key[1:], bytes.Repeat([]byte{2}, vault.KeySize)} {
		if _, err := vault.Open(file, k); !errors.Is(err, vault.ErrKey) {
			t.Errorf("%v: %v", k, err)
		}
	}
	for _, text := range []string{"", "x", "AAAA", strings.Repeat("A", 44) + "!"} {
		if _, err := vault.Key(text); !errors.Is(err, vault.ErrKey) {
			t.Errorf("%q: %v", text, err)
		}
	}

	// One under another's name is not that one; a changed one is none.
	var kept map[string][]byte
	b, _ := os.ReadFile(file)
	if err := json.Unmarshal(b, &kept); err != nil {
		t.Fatal(err)
	}
	kept["a"], kept["b"] = kept["b"], kept["a"]
	b, _ = json.Marshal(kept)
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	v, err = vault.Open(file, key)
	if err != nil {
		t.Fatal(err)
	}
	var got string
	if _, err := v.Get("a", &got); !errors.Is(err, vault.ErrKey) {
		t.Error(got, err)
	}
	for _, damage := range []string{"", "{", `{"a":"AAAA"}`} {
		if err := os.WriteFile(file, []byte(damage), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := vault.Open(file, key); err == nil {
			t.Errorf("%q was opened", damage)
		}
	}
}
