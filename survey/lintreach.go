package survey

import "slices"

// roleItem checks the question that selects the role.
func (l *linter) roleItem() {
	in := l.in
	if in.RoleItem == "" {
		if len(in.Roles) > 0 {
			l.warn("roles", "roles are listed, but no role_item asks for the role")
		}
		return
	}
	item := l.x.items[in.RoleItem]
	if item == nil || item.Kind != SingleChoice {
		l.error("role_item", "item %q must exist and be a single_choice", in.RoleItem)
		return
	}
	if _, ok := item.Texts["*"]; !ok || item.ShowIf != nil || in.Sections[l.x.fields[l.x.role].Section].ShowIf != nil {
		l.error("role_item", "item %q must have a wording for everybody (\"*\") and no condition: it is asked before the role is known", in.RoleItem)
	}
	if !item.Required {
		l.error("role_item", "item %q must be required: the rest of the questionnaire depends on it", in.RoleItem)
	}
	for _, option := range item.Options {
		if _, ok := in.RoleByKey(option.Code); !ok {
			l.error("role_item", "role %q is left without a path: it can be chosen but is not listed in roles", option.Code)
		}
	}
	for i, role := range in.Roles {
		if !slices.ContainsFunc(item.Options, func(o Option) bool { return o.Code == role.Key }) {
			l.warn(at("roles", i), "nobody can choose role %q: it is no option of %q", role.Key, in.RoleItem)
		}
	}
}

// reach looks for items and roles that no answer leads to.
func (l *linter) reach() {
	roles := l.rolesOrEverybody()
	reached := map[*Item]bool{}
	for i, role := range roles {
		r := l.reachIn(role)
		asked := 0
		for item, ok := range r {
			if ok {
				reached[item] = true
				if item.Key != l.in.RoleItem {
					asked++
				}
			}
		}
		if asked == 0 && len(l.in.Roles) > 0 {
			l.error(at("roles", i), "role %q is left without a path: no item is asked in it", role)
		}
	}
	for s := range l.in.Sections {
		l.unreached(s, reached)
	}
}

func (l *linter) rolesOrEverybody() []string {
	if len(l.in.Roles) == 0 {
		return []string{""}
	}
	roles := make([]string, len(l.in.Roles))
	for i, r := range l.in.Roles {
		roles[i] = r.Key
	}
	return roles
}

func (l *linter) unreached(s int, reached map[*Item]bool) {
	section := &l.in.Sections[s]
	if !slices.ContainsFunc(section.Items, func(it Item) bool { return len(it.Texts) > 0 }) {
		return // each item says that it has no wording, which is what to mend
	}
	if !slices.ContainsFunc(section.Items, func(it Item) bool { return reached[l.x.items[it.Key]] }) {
		l.error(at("sections", s), "section %q is unreachable: no role and no answer leads to it", section.Key)
		return
	}
	for i := range section.Items {
		item := &section.Items[i]
		if reached[item] || l.x.items[item.Key] != item || len(item.Texts) == 0 {
			continue // the other cases have a finding of their own
		}
		path := at(at("sections", s)+".items", i)
		if item.Required {
			l.error(path, "required item %q is unreachable: it would be demanded but never shown", item.Key)
		} else {
			l.error(path, "item %q is unreachable: no role and no answer leads to it", item.Key)
		}
	}
}

// reachIn says for each item whether a person of the role can meet it.
func (l *linter) reachIn(role string) map[*Item]bool {
	reached := map[*Item]bool{}
	for s := range l.in.Sections {
		section := &l.in.Sections[s]
		open := l.canHold(section.ShowIf, role, reached)
		for i := range section.Items {
			item := &section.Items[i]
			_, worded := l.x.text(item.Texts, role)
			reached[item] = open && worded && l.canHold(item.ShowIf, role, reached)
		}
	}
	return reached
}

// canHold is generous: it says no only where the condition can not hold.
func (l *linter) canHold(c *Condition, role string, reached map[*Item]bool) bool {
	switch {
	case c == nil:
		return true
	case c.Item != "":
		item := l.x.items[c.Item]
		if i, ok := l.x.byKey[c.Item]; ok {
			item = l.x.fields[i].Item
		}
		if c.Answered != nil && !*c.Answered {
			return item == nil || c.Item != l.in.RoleItem
		}
		if c.Item == l.in.RoleItem && c.In != nil {
			return slices.Contains(c.In, role)
		}
		return reached[item]
	case c.Not != nil:
		return c.Not.Item == "" || c.Not.Item != l.in.RoleItem || !slices.Contains(c.Not.In, role)
	case len(c.Any) > 0:
		return slices.ContainsFunc(c.Any, func(sub Condition) bool { return l.canHold(&sub, role, reached) })
	default:
		return !slices.ContainsFunc(c.All, func(sub Condition) bool { return !l.canHold(&sub, role, reached) }) && !contradictory(c.All)
	}
}

// contradictory finds two demands on one item that exclude each other.
func contradictory(all []Condition) bool {
	if len(all) > maxTerms {
		return false // has a finding of its own
	}
	for i, a := range all {
		for _, b := range all[:i] {
			if a.Item == "" || a.Item != b.Item {
				continue
			}
			if a.In != nil && b.In != nil && !slices.ContainsFunc(a.In, func(code string) bool { return slices.Contains(b.In, code) }) {
				return true
			}
			if above(a.AtLeast, b.AtMost) || above(b.AtLeast, a.AtMost) {
				return true
			}
		}
	}
	return false
}
