package decision

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// A stored receipt is the index of its condition, one byte of verdict, subject bit and part, and
// the values seen. A condition that is none of the policy's stands by name under index 0.
const (
	verdictMask = 3
	subjectBit  = 4
	partShift   = 3
	partEscape  = 31 // this part or a later one: its number follows
)

// AppendWhy packs the receipts: what every condition that looked saw. Values are cut to what a
// person would read, and the whole aims at half the payload's size or less (decision D7). It
// does not allocate where dst has room.
func (c *Codec) AppendWhy(dst []byte, d *Decision) []byte {
	d.Settle()
	if len(d.Receipts) == 0 && len(d.Accounts) == 0 {
		return dst
	}
	dst = append(dst, format)
	dst = binary.AppendUvarint(dst, uint64(len(d.Subjects)))
	for _, s := range d.Subjects {
		dst = appendRef(dst, s)
	}
	dst = binary.AppendUvarint(dst, uint64(len(d.Receipts)))
	for i := range d.Receipts {
		dst = c.appendReceipt(dst, d, &d.Receipts[i])
	}
	if len(d.Accounts) > 0 { // most have none, and older ones never had
		dst = binary.AppendUvarint(dst, uint64(len(d.Accounts)))
	}
	for i := range d.Accounts {
		dst = appendAccount(dst, &d.Accounts[i])
	}
	return dst
}

func (c *Codec) appendReceipt(dst []byte, d *Decision, r *Receipt) []byte {
	index := c.indexOf(r.Watch)
	dst = binary.AppendUvarint(dst, uint64(index+1))
	if index < 0 {
		dst = appendText(appendText(dst, r.Watch.Head.Full), r.Watch.What)
	}
	part := uint64(r.Part + 1)
	head := byte(r.Verdict) | byte(min(part, partEscape))<<partShift
	if r.Subject >= 0 {
		head |= subjectBit
	}
	dst = append(dst, head)
	if part >= partEscape {
		dst = binary.AppendUvarint(dst, part-partEscape)
	}
	if r.Subject >= 0 {
		dst = binary.AppendUvarint(dst, uint64(r.Subject))
	}
	dst = binary.AppendUvarint(dst, uint64(r.To-r.From))
	for _, v := range d.Seen[r.From:r.To] {
		dst = appendBrief(dst, v)
	}
	return dst
}

// DecodeWhy unpacks what AppendWhy packed into d's receipts, beside what Decode has put there. No
// bytes are no receipts.
func (c *Codec) DecodeWhy(b []byte, d *Decision) error {
	d.Receipts, d.Seen, d.Subjects = d.Receipts[:0], d.Seen[:0], d.Subjects[:0]
	d.Accounts = d.Accounts[:0]
	if len(b) == 0 {
		return nil
	}
	r := reader{codec: c, b: b}
	r.format()
	d.Subjects = r.refs(d.Subjects)
	n := r.count()
	if n == 0 && len(r.b) == 0 {
		r.fail("no receipts are stored as no bytes")
	}
	for ; n > 0 && r.err == nil; n-- {
		d.Receipts = append(d.Receipts, r.receipt(d))
	}
	if len(r.b) > 0 && r.err == nil {
		if n = r.count(); n == 0 {
			r.fail("no accounts are stored as no bytes")
		}
		for ; n > 0 && r.err == nil; n-- {
			r.account(d.AddAccount())
		}
	}
	if len(r.b) > 0 {
		r.fail("%d bytes follow the stored receipts", len(r.b))
	}
	if r.err != nil {
		return fmt.Errorf("decode why: %w", r.err)
	}
	return nil
}

func (r *reader) receipt(d *Decision) Receipt {
	out := Receipt{Subject: -1, Watch: r.watch()}
	head := r.byte()
	out.Verdict = value.Tri(head & verdictMask)
	if out.Verdict > value.True {
		r.fail("verdict %d is none", out.Verdict)
	}
	part := int(head >> partShift)
	if part == partEscape {
		part += r.within(math.MaxInt16-partEscape, "part")
	}
	out.Part = int16(part - 1)
	if head&subjectBit != 0 {
		out.Subject = int32(r.within(uint64(len(d.Subjects)), "subject"))
	}
	out.From = int32(len(d.Seen))
	for n := r.count(); n > 0 && r.err == nil; n-- {
		d.Seen = append(d.Seen, r.brief())
	}
	out.To = int32(len(d.Seen))
	return out
}

// brief reads a value that appendBrief may have cut; a longer one is not a receipt's.
func (r *reader) brief() value.Value {
	v := r.value()
	if r.err == nil && string(appendBrief(nil, v)) != string(appendValue(nil, v)) {
		r.fail("value of kind %d is stored too long", v.Kind)
	}
	return v
}

func (r *reader) watch() *Watch {
	index := r.within(uint64(len(r.codec.watches))+1, "condition")
	if index > 0 {
		return r.codec.watches[index-1]
	}
	name, what := r.text(), r.text()
	head := r.codec.owners[name].head
	if head == nil {
		if s := r.codec.score(name); s != nil {
			head = &s.Head
		}
	}
	if head == nil {
		r.fail("policy has no declaration %q", name)
		head = new(policy.Head)
	}
	return &Watch{Head: head, What: what, Index: -1}
}
