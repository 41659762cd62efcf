package syntax

// canon is the English word a name would be if it stood where a word of the language may stand.
func canon(w string) string {
	if w == "" || w[0] < 0x80 {
		return w
	}
	return w
}
