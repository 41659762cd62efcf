package window

type planned struct{}
