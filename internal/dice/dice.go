// Package dice is chance that is the same on every machine: splitmix64.
package dice

// Dice rolls numbers. Its value is the seed.
type Dice uint64

// Next rolls 64 bits.
func (d *Dice) Next() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Below rolls a number from 0 to n-1.
func (d *Dice) Below(n int) int { return int(d.Next() % uint64(n)) }
