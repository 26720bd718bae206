package survey

import (
	"strconv"
	"strings"
)

// names gives the organizations of a file their names and keys.
type names struct {
	by     NameMap
	labels map[string]string // label as written -> the one copy that is kept
	keys   map[string]string // label -> key
	taken  map[string]bool
}

func newNames(by NameMap) *names {
	return &names{by: by, labels: map[string]string{}, keys: map[string]string{}, taken: map[string]bool{}}
}

// of reads the name and the wish for a key from the current record; an empty
// name is refused.
func (n *names) of(d *dataset) (label, key string) {
	for i, column := range n.by.Columns {
		part := d.name(column)
		if part == "" {
			if !d.refused {
				d.refuseCell(RefusedNoName, column, "", "the organization has no name here")
			}
			return "", ""
		}
		switch {
		case n.by.Label != "":
		case i == 0:
			label = part
		default:
			label += " / " + part
		}
	}
	if n.by.Label != "" {
		label = fill(n.by.Label, d)
	}
	if n.by.Key != "" {
		return label, fill(n.by.Key, d)
	}
	return label, ""
}

// fill puts cells in the place of the column names in braces.
func fill(template string, d *dataset) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		b.WriteString(d.name(name))
		template = after
	}
}

// keep replaces both by the copies kept for the organization, which exist once
// however many rows it has. Names that differ only in what an address can not
// show get a number behind their key.
func (n *names) keep(label, key *string) {
	if kept, known := n.keys[*label]; known {
		*label, *key = n.labels[*label], kept
		return
	}
	name := strings.Clone(*label)
	wish := *key
	if wish == "" {
		wish = name
	}
	base := addressKey(wish)
	unique := base
	for i := 2; n.taken[unique]; i++ {
		unique = base + "-" + strconv.Itoa(i)
	}
	n.taken[unique] = true
	n.labels[name], n.keys[name] = name, unique
	*label, *key = name, unique
}

// addressKey makes lower-case letters, digits and single hyphens of a name.
func addressKey(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case b.Len() >= maxKeyLength:
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	if key := strings.Trim(b.String(), "-"); key != "" {
		return key
	}
	return "organization"
}
