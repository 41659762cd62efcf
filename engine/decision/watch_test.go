package decision_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

func TestWatchesListConditionsInOrder(t *testing.T) {
	s := newShop()
	s.set.When = compare(policy.OpEq, "level == high", read(s.deal, "level"),
		constant(value.OfWord(value.Choice, 0), "high"))
	s.alert.Until = compare(policy.OpGt, "count(Deal in 7d)", read(s.rep, "name"),
		constant(value.OfText("x"), "0"))
	var got []string
	for i, w := range decision.Watches(s.policy) {
		if w.Index != int32(i) {
			t.Errorf("watch %d says that it is %d", i, w.Index)
		}
		got = append(got, w.Head.Full+" "+w.What)
	}
	want := []string{"BigDeal when", "BigDeal effect", "Quiet when", "Quiet until",
		"Tiered tier", "Tiered tier", "Shelf done"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestConjunctsAreFlatAndLeavesStandOnce(t *testing.T) {
	s := newShop()
	amount := func() *policy.Expr { return read(s.deal, "amount") }
	level := read(s.deal, "level")
	five := constant(value.OfWord(value.Money, 5), "5")
	band := &policy.Expr{Op: policy.OpOr, Args: []*policy.Expr{
		compare(policy.OpGt, "amount > 5", amount(), five),
		compare(policy.OpLt, "amount > 5", amount(), five)}}
	inner := &policy.Expr{Op: policy.OpAnd, Args: []*policy.Expr{band,
		{Op: policy.OpHas, Args: []*policy.Expr{level}}}}
	all := &policy.Expr{Op: policy.OpAnd, Args: []*policy.Expr{
		{Op: policy.OpHas, Args: []*policy.Expr{amount()}}, inner}}
	w := decision.NewWatch(&s.rule.Head, "when", all)
	if len(w.Parts) != 3 || w.Parts[1].X != band {
		t.Fatalf("split into %d conjuncts", len(w.Parts))
	}
	// Both comparisons read the same amount, so the receipt holds it once.
	if leaves := w.Parts[1].Leaves; len(leaves) != 1 || leaves[0].Field != s.deal.Fields[1] {
		t.Errorf("leaves of the second conjunct: %d", len(leaves))
	}
	if w := decision.NewWatch(&s.rule.Head, "when", nil); len(w.Parts) != 0 {
		t.Errorf("a condition that is always true has %d conjuncts", len(w.Parts))
	}
}

func TestReceiptsOfForeignWatchesKeepTheirName(t *testing.T) {
	s := newShop()
	c := decision.NewCodec(s.policy)
	// An engine may have split the conditions itself: the codec knows them by their expressions.
	own := decision.NewWatch(&s.alert.Head, "when", s.alert.When)
	d := &decision.Decision{Receipts: []decision.Receipt{{Watch: own, Subject: -1, Part: -1}}}
	got := new(decision.Decision)
	if err := c.DecodeWhy(c.AppendWhy(nil, d), got); err != nil {
		t.Fatal(err)
	}
	if w := got.Receipts[0].Watch; w.Head != &s.alert.Head || w.What != "when" || len(w.Parts) != 1 {
		t.Errorf("read as %+v", w)
	}
}
