package fair

// Whole are options of a book that leaves nothing out.
func Whole(q Questions) Options { return Options{Questions: q, whole: true} }
