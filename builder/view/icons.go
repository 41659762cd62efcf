package view

// stroke is the path of a picture on a field of 20 by 20; an unknown name is a dot.
func stroke(name string) string {
	switch name {
	case "menu":
		return "M3 6h14M3 10h14M3 14h14"
	case "globe":
		return "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM2.5 10h15M10 2.5c2.4 2 3 4.7 3 7.5" +
			"s-.6 5.5-3 7.5c-2.4-2-3-4.7-3-7.5s.6-5.5 3-7.5z"
	case "out":
		return "M8 3H4.5v14H8M12.5 6.5 16 10l-3.5 3.5M16 10H8"
	case "close":
		return "M5 5l10 10M15 5 5 15"
	case "up":
		return "M10 16V4.5M5 9.5l5-5 5 5"
	case "down":
		return "M10 4v11.5M5 10.5l5 5 5-5"
	case "rules":
		return "M3 5h2M8 5h9M3 10h2M8 10h9M3 15h2M8 15h9"
	case "plus":
		return "M10 4v12M4 10h12"
	case "more":
		return "M4.5 10h.01M10 10h.01M15.5 10h.01"
	case "undo":
		return "M7 4 3.5 7.5 7 11M3.5 7.5H12a4.5 4.5 0 0 1 0 9H8"
	case "check":
		return "M4 10.5 8 14.5 16 5.5"
	case "board":
		return "M3 3.5h3.6v13H3zM8.2 3.5h3.6v8.5H8.2zM13.4 3.5H17v11h-3.6z"
	case "source":
		return "M7 6 3 10l4 4M13 6l4 4-4 4M11 4.5 9 15.5"
	case "versions":
		return "M10 5.5V10l3 2M3.2 8.5A7 7 0 1 1 3.5 12M3 4.5v4h4"
	case "today":
		return "M4 4.5h12v12H4zM4 8h12M7 3v3M13 3v3M7.5 12l1.7 1.7 3.3-3.4"
	case "health":
		return "M3 3.5h4v4H3zM8.5 3.5h4v4h-4zM14 3.5h3v4h-3z" +
			"M3 9h4v4H3zM8.5 9h4v4h-4zM14 9h3v4h-3zM3 14.5h4v2H3zM8.5 14.5h4v2h-4z"
	case "alerts":
		return "M10 3a4.5 4.5 0 0 0-4.5 4.5c0 4-1.5 5-1.5 6h12" +
			"c0-1-1.5-2-1.5-6A4.5 4.5 0 0 0 10 3zM8.5 16.5h3"
	case "reviews":
		return "M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13 13l4 4"
	case "allocation":
		return "M3 10h4M7 10c4 0 3-6 7-6h3M7 10c4 0 3 6 7 6h3M7 10h10"
	case "people":
		return "M7.5 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM2.5 16.5c0-3 2.2-4.5 5-4.5s5 1.5 5 4.5" +
			"M13 4.5a2.7 2.7 0 0 1 0 5M14.5 12.3c2 .4 3 1.9 3 4.2"
	case "import":
		return "M10 3v9M6.5 8.5 10 12l3.5-3.5M3.5 13.5V17h13v-3.5"
	case "channels":
		return "M3 5h14v9H9l-3.5 3v-3H3z"
	case "log":
		return "M5 3h10v14H5zM8 7h4M8 10h4M8 13h2.5"
	case "goals":
		return "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14z" +
			"M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 10h.01"
	case "gallery":
		return "M3 4h6v5H3zM11 4h6v5h-6zM3 11h6v5H3zM11 11h6v5h-6z"
	case "units":
		return "M8 4.5a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM12 5.5a5 5 0 1 1 0 10"
	case "grip":
		return "M7.5 5h.01M12.5 5h.01M7.5 10h.01M12.5 10h.01M7.5 15h.01M12.5 15h.01"
	case "redo":
		return "M13 4l3.5 3.5L13 11M16.5 7.5H8a4.5 4.5 0 0 0 0 9h4"
	case "publish":
		return "M10 16V5M5.5 9 10 4.5 14.5 9M4 17h12"
	case "home":
		return "M3.5 9.5 10 4l6.5 5.5V16.5h-4.5v-4h-4v4H3.5z"
	}
	return "M10 10h.01"
}

// noteRole is how a note is told to whoever does not see it: what went wrong at once.
func noteRole(tone string) string {
	if tone == Bad {
		return "alert"
	}
	return "note"
}
