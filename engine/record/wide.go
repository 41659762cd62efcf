package record

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/geo"
)

// wide converts points, areas, media, lists and rows.
func (c *converter) wide(t *policy.Type, n *node, path string) (value.Value, bool) {
	switch t.Kind {
	case value.Point:
		p, ok := c.point(n, path)
		return value.Value{Kind: value.Point, X: p}, ok || c.wrong(t, n, path)
	case value.Area:
		a, ok := c.area(n, path)
		return value.Value{Kind: value.Area, X: a}, ok || c.wrong(t, n, path)
	case value.Photo, value.Audio, value.File:
		m, ok := c.media(t.Kind, n, path)
		return value.Value{Kind: t.Kind, X: m}, ok || c.wrong(t, n, path)
	case value.List:
		if n.kind != isList || t.Elem == nil {
			return value.Value{}, c.wrong(t, n, path)
		}
		return c.elements(t, n, path)
	case value.Row:
		if n.kind != isObject {
			return value.Value{}, c.wrong(t, n, path)
		}
		return c.row(t.Record, n, path)
	}
	return value.Value{}, c.wrong(t, n, path)
}

// elements converts a list; each element at fault is found by its place.
func (c *converter) elements(t *policy.Type, n *node, path string) (value.Value, bool) {
	list, all := make([]value.Value, 0, len(n.list)), true
	for i := range n.list {
		v, ok := c.value(t.Elem, &n.list[i], path+"["+strconv.Itoa(i)+"]")
		list = append(list, v)
		all = all && ok
	}
	return value.Value{Kind: value.List, X: list}, all
}

// row converts one row of a list of rows.
func (c *converter) row(rec *policy.Record, n *node, path string) (value.Value, bool) {
	row, all, used := make([]value.Value, len(rec.Fields)), true, 0
	for i, f := range rec.Fields {
		cell := rowCell(f, n)
		if cell != nil {
			used++
		}
		if cell == nil || cell.kind == isNull {
			if !f.Type.Maybe && f.Compute == nil && f.System == policy.NotSystem {
				gone := lacks(rec, f)
				gone.Args[0], gone.Field = path, c.field
				c.r.find(gone)
				all = false
			}
			continue
		}
		v, ok := c.value(&f.Type, cell, path+"."+f.Name)
		row[i], all = v, all && ok
	}
	if used < len(n.keys) {
		c.leftover(rec, n, path)
	}
	return value.Value{Kind: value.Row, X: row}, all
}

// rowCell finds a row's field by its name, label or former name.
func rowCell(f *policy.Field, n *node) *node {
	if cell := n.at(f.Name); cell != nil {
		return cell
	}
	for _, name := range append(labels(f), f.Was...) {
		if cell := n.at(name); cell != nil && name != "" {
			return cell
		}
	}
	return nil
}

// leftover remarks the keys that a row type does not have.
func (c *converter) leftover(rec *policy.Record, n *node, path string) {
	var names []string
	known := map[string]bool{}
	for _, f := range rec.Fields {
		names = append(names, f.Name)
		for _, l := range append(labels(f), f.Was...) {
			known[l] = true
		}
		known[f.Name] = true
	}
	for _, k := range n.keys {
		if !known[k] {
			f := unknownField(k, path, names)
			f.Field = c.field
			c.r.find(f)
		}
	}
}

// strange remarks keys of an object that are none of the given ones.
func (c *converter) strange(n *node, path string, known ...string) {
	for _, k := range n.keys {
		found := false
		for _, w := range known {
			found = found || w == k
		}
		if !found {
			f := unknownField(k, path, append([]string(nil), known...))
			f.Field = c.field
			c.r.find(f)
		}
	}
}

// float reads a number of an object, or the fallback where it has none.
func (c *converter) float(n *node, k value.Kind, fallback float64) (float64, bool) {
	if n == nil || n.kind == isNull {
		return fallback, true
	}
	if n.kind != isNumber && (n.kind != isText || k != value.Distance) {
		return 0, false
	}
	v, ok := value.ParseText(k, n.text, nil)
	return v.Float(), ok
}

// point converts [lat,lng] or an object, and brings it to WGS-84.
func (c *converter) point(n *node, path string) (*value.Place, bool) {
	var lat, lng *node
	datum := c.d.datum
	switch {
	case n.kind == isList && len(n.list) == 2:
		lat, lng = &n.list[0], &n.list[1]
	case n.kind == isObject:
		lat, lng = n.at("lat"), n.at("lng")
	}
	if lat == nil || lng == nil || lat.kind != isNumber || lng.kind != isNumber {
		return nil, false
	}
	y, ok1 := c.float(lat, value.Number, 0)
	x, ok2 := c.float(lng, value.Number, 0)
	if !ok1 || !ok2 || !onEarth(y, x) {
		return nil, false
	}
	if n.kind == isList {
		p := value.PlaceIn(y, x, datum)
		return &p, true
	}
	datum, ok1 = datumNamed(n.at("datum"), datum)
	accuracy, ok2 := c.float(n.at("accuracy"), value.Distance, 0)
	mock := n.at("mock")
	if !ok1 || !ok2 || accuracy < 0 || mock != nil && mock.kind != isBool && mock.kind != isNull {
		return nil, false
	}
	c.strange(n, path, "lat", "lng", "accuracy", "datum", "mock")
	p := value.PlaceIn(y, x, datum)
	p.Accuracy, p.Mock = accuracy, mock != nil && mock.text == "true"
	return &p, true
}

func onEarth(lat, lng float64) bool { return geo.Point{Lat: lat, Lng: lng}.Lawful() }

func datumNamed(n *node, fallback value.Datum) (value.Datum, bool) {
	if n == nil || n.kind == isNull {
		return fallback, true
	}
	switch strings.ToLower(n.text) {
	case "wgs84":
		return value.WGS84, n.kind == isText
	case "gcj02":
		return value.GCJ02, n.kind == isText
	case "bd09":
		return value.BD09, n.kind == isText
	}
	return 0, false
}

// area converts a list of at least three points, or a centre with a radius.
func (c *converter) area(n *node, path string) (*value.Region, bool) {
	switch {
	case n.kind == isList && len(n.list) >= 3:
		a := &value.Region{}
		for i := range n.list {
			p, ok := c.point(&n.list[i], path)
			if !ok {
				return nil, false
			}
			a.Points = append(a.Points, *p)
		}
		return a, true
	case n.kind == isObject:
		centre := n.at("center")
		if centre == nil {
			centre = n.at("centre")
		}
		if centre == nil {
			return nil, false
		}
		p, ok := c.point(centre, path)
		radius, ok2 := c.float(n.at("radius"), value.Distance, 0)
		if !ok || !ok2 || radius <= 0 {
			return nil, false
		}
		c.strange(n, path, "center", "centre", "radius")
		return &value.Region{Points: []value.Place{*p}, Radius: radius}, true
	}
	return nil, false
}

// media converts a photo, a recording or a file.
func (c *converter) media(k value.Kind, n *node, path string) (*value.Media, bool) {
	hash := n.at("sha256")
	if n.kind != isObject || hash == nil || hash.kind != isText || len(hash.text) != 64 {
		return nil, false
	}
	if _, err := hex.DecodeString(hash.text); err != nil {
		return nil, false
	}
	m := &value.Media{SHA256: strings.ToLower(hash.text)}
	parts := []part{{"name", value.Text}, {"size", value.Int}}
	switch k {
	case value.Photo:
		parts = append(parts, part{"taken", value.Time}, part{"device", value.Text},
			part{"software", value.Text}, part{"location", value.Point}, part{"look", value.Int},
			part{"measured", value.Text})
	case value.Audio:
		parts = append(parts, part{"length", value.Duration})
	}
	known, all := []string{"sha256"}, true
	for _, p := range parts {
		known = append(known, p.name)
		if cell := n.at(p.name); cell != nil && cell.kind != isNull {
			all = c.part(m, p, cell, path+"."+p.name) && all
		}
	}
	c.strange(n, path, known...)
	return m, all
}

// part is one member of a media object.
type part struct {
	name string
	kind value.Kind
}

func (c *converter) part(m *value.Media, p part, n *node, path string) bool {
	if p.name == "look" && n.kind == isText {
		bits, err := strconv.ParseUint(n.text, 16, 64)
		m.Look = value.OfWord(value.Int, int64(bits))
		return err == nil && len(n.text) == 16
	}
	v, ok := c.value(&policy.Type{Kind: p.kind}, n, path)
	switch p.name {
	case "name":
		m.Name = v.S
	case "size":
		m.Size, ok = v.N, ok && v.N >= 0
	case "taken":
		m.Taken = v
	case "device":
		m.Device = v
	case "software":
		m.Software = v
	case "location":
		m.Location = v
	case "look":
		m.Look = v
	case "measured":
		m.Measured, ok = v, ok && (v.S == "server" || v.S == "sender")
	case "length":
		m.Length = v
	}
	return ok
}
