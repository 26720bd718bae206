package templates

import (
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/words"
)

// typedLayout is how a browser shows and sends a moment.
const typedLayout = "2006-01-02T15:04"

// StaffTime writes a moment for somebody with an account, in the zone that it is in,
// which it names.
func StaffTime(t time.Time) string { return t.Format("2 Jan 2006, 15:04 ") + words.ShortZone(t) }

// InZone tells the moments of the page in the time zone, and lets its forms take them
// in it. Without scripts, and on paper, they are the same.
func (p *ListPage) InZone(zone *time.Location) {
	detailsInZone(p.Facts, zone)
	for i := range p.Lists {
		for _, row := range p.Lists[i].List.Rows {
			for j := range row.Cells {
				row.Cells[j].Text = timeInZone(row.Cells[j].Time, row.Cells[j].Text, zone)
			}
		}
		if p.Lists[i].Form != nil {
			p.Lists[i].Form.inZone(zone)
		}
	}
}

// InZone is that of a ListPage for a page with one form.
func (p *FormPage) InZone(zone *time.Location) {
	detailsInZone(p.Facts, zone)
	p.Form.inZone(zone)
}

func detailsInZone(details []Detail, zone *time.Location) {
	for i := range details {
		details[i].Value = timeInZone(details[i].Time, details[i].Value, zone)
	}
}

// timeInZone is the machine's form of a moment in words; text where there is none.
func timeInZone(machine, text string, zone *time.Location) string {
	at, err := time.Parse(time.RFC3339, machine)
	if err != nil {
		return text
	}
	return StaffTime(at.In(zone))
}

// inZone names the zone in which the form takes moments, and shows those that it has in
// it. What somebody has typed comes back in the zone in which it was typed.
func (f *Form) inZone(zone *time.Location) {
	for i := range f.Fields {
		field := &f.Fields[i]
		if field.Kind != TimeField {
			continue
		}
		if _, err := survey.LoadZone(field.Zone); field.Zone == "" || err != nil {
			if at, err := time.ParseInLocation(typedLayout, field.Value, time.UTC); err == nil {
				field.Value = at.In(zone).Format(typedLayout)
			}
			field.Zone = zone.String()
		}
		field.Unit, f.Zone = field.Zone, field.Zone
	}
}
