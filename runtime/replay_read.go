package runtime

import (
	"errors"
	"fmt"

	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime/store"
)

// replayed is one row on its way through a replay.
type replayed struct {
	store.Entry
	payload  []byte // without its salt
	decision []byte
	rec      *record.Record
}

// piece is what one stage of a replay hands to the next at once.
type piece struct {
	rows  []replayed
	recs  []*record.Record
	arena []byte
	err   error // why nothing comes after it; nil at the end of the log
}

// pieceRows is how many rows make a piece, and piecesInTurn how many pieces there are: one is
// read, one decoded, one applied, and two wait in between.
const (
	pieceRows    = 512
	piecesInTurn = 5
)

// errStopped ends a reading whose other side has given up.
var errStopped = errors.New("stopped")

// rowReader is the first two stages of a replay: one goroutine reads the log and checks the chain,
// the next decodes records. The engine is the third.
type rowReader struct {
	plans *plans
	chain store.Chain
	broke map[uint64]bool // entries to be quarantined
	read  chan *piece
	out   chan *piece
	free  chan *piece
	quit  chan struct{}
	cur   *piece
}

// readRows begins to read what follows the chain's end, up to a seq.
func readRows(log reader, from rowReader, to uint64) *rowReader {
	r := &from
	r.read, r.out = make(chan *piece), make(chan *piece)
	r.free, r.quit = make(chan *piece, piecesInTurn), make(chan struct{})
	for range piecesInTurn {
		r.free <- new(piece)
	}
	go r.readAll(log, to)
	go r.decodeAll()
	return r
}

// stop ends the reading early. It may be called after the end too.
func (r *rowReader) stop() {
	close(r.quit)
	for range r.out {
	}
}

func (r *rowReader) readAll(log reader, to uint64) {
	defer close(r.read)
	err := log.Read(r.chain.Seq+1, to, store.Payloads|store.Decisions, r.row)
	if err == nil && r.chain.Seq != to {
		err = &store.DamageError{Seq: r.chain.Seq + 1, What: "entry is missing"}
	}
	if r.cur == nil && (err == nil || r.turn() != nil) {
		return
	}
	r.cur.err = err
	_ = r.hand() // the other side has gone
}

func (r *rowReader) turn() error {
	select {
	case r.cur = <-r.free:
		p := r.cur
		p.rows, p.arena, p.err = p.rows[:0], p.arena[:0], nil
		return nil
	case <-r.quit:
		return errStopped
	}
}

func (r *rowReader) hand() error {
	select {
	case r.read <- r.cur:
		r.cur = nil
		return nil
	case <-r.quit:
		return errStopped
	}
}

func (r *rowReader) row(row *store.Row) error {
	e, err := r.chain.Next(row)
	if err != nil {
		return err
	}
	if r.cur == nil {
		if err := r.turn(); err != nil {
			return err
		}
	}
	p := r.cur
	p.rows = append(p.rows, replayed{Entry: e, decision: p.keep(store.Unsalt(row.Decision)),
		payload: p.keep(store.Unsalt(row.Payload))})
	if len(p.rows) == pieceRows {
		return r.hand()
	}
	return nil
}

// keep copies bytes into the piece; where its arena moves, what was kept before stays where it is.
func (p *piece) keep(b []byte) []byte {
	if b == nil {
		return nil
	}
	from := len(p.arena)
	p.arena = append(p.arena, b...)
	return p.arena[from:len(p.arena):len(p.arena)]
}

func (r *rowReader) decodeAll() {
	defer close(r.out)
	d := rowDecoder{plans: r.plans, broke: r.broke}
	for p := range r.read {
		if n, err := d.piece(p); err != nil {
			p.rows, p.err = p.rows[:n], err
		}
		select {
		case r.out <- p:
		case <-r.quit:
			return
		}
	}
}

// rowDecoder decodes records with the policy that was in force when they came.
type rowDecoder struct {
	plans   *plans
	broke   map[uint64]bool
	plan    *plan
	decoder *record.Decoder
}

// piece decodes the records of a piece; n says before which row it had to end.
func (d *rowDecoder) piece(p *piece) (n int, err error) {
	for len(p.recs) < len(p.rows) {
		p.recs = append(p.recs, new(record.Record))
	}
	for i := range p.rows {
		x := &p.rows[i]
		if decision.Kind(x.Kind) != decision.Record {
			continue
		}
		if x.payload == nil {
			return i, &ErasedError{Seq: x.Seq}
		}
		if d.plan == nil || d.plan.hash != x.Policy {
			plan, err := d.plans.of(x.Policy)
			if err != nil {
				return i, fmt.Errorf("seq %d: %w", x.Seq, err)
			}
			d.plan, d.decoder = plan, plan.decoder()
		}
		x.rec = p.recs[i]
		in := input{line: x.payload, moment: x.Moment, flags: x.Flags, rec: x.rec}
		if d.broke[x.Seq] {
			in.flags |= store.Quarantined
		}
		in.decode(d.decoder)
	}
	return 0, nil
}
