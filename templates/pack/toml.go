package pack

import (
	"bytes"
	"fmt"
	"strings"
)

// require sets a line of [requires] in the text of a thru.toml, or takes it out where the version
// is "", and leaves every other byte as it is.
func require(text []byte, name, version string) []byte {
	lines := strings.SplitAfter(string(text), "\n")
	from := -1
	for i, l := range lines {
		if table(l) == "requires" {
			from = i + 1
		}
	}
	entry := fmt.Sprintf("%q = %q\n", name, version)
	if from < 0 {
		if version == "" {
			return text
		}
		if n := len(text); n > 0 && !bytes.HasSuffix(text, []byte("\n")) {
			text = append(bytes.Clone(text), '\n')
		}
		if len(text) > 0 {
			text = append(bytes.Clone(text), '\n')
		}
		return append(append(bytes.Clone(text), "[requires]\n"...), entry...)
	}
	at := from // after the last entry that is less
	for i := from; i < len(lines) && table(lines[i]) == ""; i++ {
		switch k := key(lines[i]); {
		case k == "":
		case k == name:
			if version == "" {
				entry = ""
			}
			lines[i] = entry
			return []byte(strings.Join(lines, ""))
		case k < name:
			at = i + 1
		}
	}
	if version == "" {
		return text
	}
	if at > 0 && !strings.HasSuffix(lines[at-1], "\n") {
		lines[at-1] += "\n"
	}
	head := append([]string{}, lines[:at]...)
	return []byte(strings.Join(append(append(head, entry), lines[at:]...), ""))
}

// table is the name of the table that a line opens, "" where it opens none.
func table(line string) string {
	line, _, _ = strings.Cut(line, "#")
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "[") {
		return ""
	}
	return strings.Trim(line, "[] ")
}

// key is the name that a line of a table sets.
func key(line string) string {
	if strings.HasPrefix(strings.TrimSpace(line), "#") {
		return ""
	}
	k, _, ok := strings.Cut(line, "=")
	if !ok {
		return ""
	}
	return strings.Trim(strings.TrimSpace(k), `"'`)
}
