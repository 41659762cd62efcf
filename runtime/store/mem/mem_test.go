package mem_test

import (
	"testing"

	"github.com/throughline/throughline/runtime/store/mem"
	"github.com/throughline/throughline/runtime/store/storetest"
)

type place struct{ log *mem.Log }

func (p *place) Open() (storetest.Log, error) {
	p.log = p.log.Reopen(true)
	return p.log, nil
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(testing.TB) storetest.Place { return &place{new(mem.Log)} })
}
