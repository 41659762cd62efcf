package media

import (
	"encoding/binary"
	"math/bits"

	"github.com/throughline/throughline/dsl/value"
)

// length is how long a recording is, from the header of a WAV or an M4A. An MP3 tells it only to
// who reads it whole, so there it is missing.
func length(f form, data []byte) (int64, bool) {
	switch f {
	case wavForm:
		return wavLength(data)
	case mp4Form:
		return mp4Length(data)
	}
	return 0, false
}

// wavLength divides the samples' bytes by how many a second has.
func wavLength(data []byte) (int64, bool) {
	rate := uint32(0)
	for b := data[12:]; len(b) >= 8; {
		n := binary.LittleEndian.Uint32(b[4:])
		body := b[8:]
		switch id := string(b[:4]); {
		case id == "fmt " && len(body) >= 16:
			rate = binary.LittleEndian.Uint32(body[8:])
		case id == "data":
			// A recorder that was cut off wrote no size, or one that the file does not have.
			return micros(uint64(min(int64(n), int64(len(body)))), rate)
		}
		if size := int64(n) + int64(n&1); size <= int64(len(body)) {
			b = body[size:]
			continue
		}
		break
	}
	return 0, false
}

// mp4Length reads the duration in the movie's header.
func mp4Length(data []byte) (int64, bool) {
	moov, ok := box(data, "moov")
	if !ok {
		return 0, false
	}
	h, ok := box(moov, "mvhd")
	switch {
	case ok && len(h) >= 20 && h[0] == 0:
		return micros(uint64(binary.BigEndian.Uint32(h[16:])), binary.BigEndian.Uint32(h[12:]))
	case ok && len(h) >= 32 && h[0] == 1:
		return micros(binary.BigEndian.Uint64(h[24:]), binary.BigEndian.Uint32(h[20:]))
	}
	return 0, false
}

// box finds a box of an ISO media file (ISO/IEC 14496-12).
func box(b []byte, name string) ([]byte, bool) {
	for len(b) >= 8 {
		n, head := uint64(binary.BigEndian.Uint32(b)), 8
		if n == 1 && len(b) >= 16 {
			n, head = binary.BigEndian.Uint64(b[8:]), 16
		}
		if n == 0 {
			n = uint64(len(b))
		}
		if n < uint64(head) || n > uint64(len(b)) {
			return nil, false
		}
		if string(b[4:8]) == name {
			return b[head:n], true
		}
		b = b[n:]
	}
	return nil, false
}

// micros is n over a rate a second, in microseconds; a length of nothing or of days is none.
func micros(n uint64, rate uint32) (int64, bool) {
	hi, lo := bits.Mul64(n, uint64(value.Second))
	if rate == 0 || hi >= uint64(rate) {
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, uint64(rate))
	return int64(q), q > 0 && q < uint64(7*value.Day)
}
