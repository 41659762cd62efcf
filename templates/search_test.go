package templates_test

import (
	"fmt"
	"testing"

	"github.com/throughline/throughline/templates"
)

func entry(name, zh, en, why string, steps ...string) templates.Entry {
	e := templates.Entry{Package: "fmcg.shelf", Name: name, Label: templates.Text{Zh: zh, En: en}, Why: templates.Text{Zh: why}}
	for _, s := range steps {
		e.Steps = append(e.Steps, templates.Text{Zh: s})
	}
	return e
}

// Names come before reasons, reasons before steps; every word must be somewhere.
func TestSearch(t *testing.T) {
	x := templates.NewIndex([]templates.Entry{
		entry("Tasting", "试吃", "Sampling", "尝过才买", "记下冰柜位置"),
		entry("Purity", "纯度整改", "Cooler purity", "冰柜里只放自己的货", "清出竞品"),
		entry("Cooler", "冰柜投放", "Place a cooler", "有柜才有货", "签协议"),
	})
	for query, want := range map[string]string{
		"冰柜": "Cooler Purity Tasting", "cooler": "Purity Cooler", "冰柜 竞品": "Purity", "COOLER place": "Cooler",
		"扫码": "", "": "Tasting Purity Cooler", "fmcg": "Tasting Purity Cooler",
	} {
		got := ""
		for i, e := range x.Search(query) {
			if i > 0 {
				got += " "
			}
			got += e.Name
		}
		if got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
}

// The embedded index knows every package of the library.
func TestIndex(t *testing.T) {
	x, err := templates.Library()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, e := range x.Search("") {
		found[e.Package] = true
		if e.Label.Zh == "" || e.Label.En == "" || len(e.Steps) < 3 || e.Version == "" {
			t.Errorf("%s.%s lacks a label, steps or a version", e.Package, e.Name)
		}
	}
	if len(found) == 0 {
		t.Error("the index is empty: run go generate ./templates")
	}
}

// BenchmarkSearch looks for two words among 1 250 templates.
func BenchmarkSearch(b *testing.B) {
	library, err := templates.Library()
	if err != nil {
		b.Fatal(err)
	}
	some := library.Search("")
	var list []templates.Entry
	for i := range 1250 {
		e := *some[i%len(some)]
		e.Name = fmt.Sprint(e.Name, i)
		list = append(list, e)
	}
	x := templates.NewIndex(list)
	for b.Loop() {
		x.Search("冰柜 照片")
	}
}

// An industry is found by what it is called in either language, and every folder is of one.
func TestIndustries(t *testing.T) {
	x, err := templates.Library()
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]int{}
	for _, e := range x.Search("") {
		of[e.Industry]++
	}
	for _, i := range templates.Industries {
		if of[i.ID] == 0 {
			t.Errorf("%s has no template", i.ID)
		}
		for _, word := range []string{i.ID, i.Label.Zh, i.Label.En} {
			if n := len(x.Search(word)); n < of[i.ID] {
				t.Errorf("%q finds %d of %d", word, n, of[i.ID])
			}
		}
		delete(of, i.ID)
	}
	for id := range of {
		t.Errorf("%q is no industry: templates.Industries", id)
	}
}
