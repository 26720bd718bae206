package templates

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/salesbench/salesbench/survey"
)

func TestAPageTellsAndTakesMomentsInOneZone(t *testing.T) {
	berlin := survey.ZoneOr("Europe/Berlin")
	const summer = "2026-07-01T22:30:00Z"
	p := ListPage{Facts: []Detail{{Value: "x", Time: summer}, {Value: "stays"}}, Lists: []ListSection{{
		List: List{Rows: []ListRow{{Cells: []ListCell{{Text: "x", Time: summer}, {Text: "stays"}}}}},
		Form: &Form{Fields: []Field{{Kind: TimeField, Value: "2026-12-31T23:30"}, {Kind: TimeField, Value: "nonsense"}, {Kind: TextField, Value: "2026-12-31T23:30"}}}}, {}}}
	p.InZone(berlin)
	const want = "2 Jul 2026, 00:30 CEST"
	if p.Facts[0].Value != want || p.Lists[0].List.Rows[0].Cells[0].Text != want || p.Facts[1].Value != "stays" {
		t.Errorf("%+v", p)
	}
	form := p.Lists[0].Form
	if form.Zone != "Europe/Berlin" || form.Fields[0].Value != "2027-01-01T00:30" || form.Fields[0].Unit != "Europe/Berlin" || form.Fields[1].Value != "nonsense" || form.Fields[2].Value != "2026-12-31T23:30" {
		t.Errorf("%+v", form)
	}
}

func TestWhatWasTypedComesBackInTheZoneInWhichItWasTyped(t *testing.T) {
	p := FormPage{Form: Form{Fields: []Field{{Kind: TimeField, Value: "2026-07-01T09:00", Zone: "Asia/Tokyo"}}}}
	p.InZone(time.UTC)
	if f := p.Form.Fields[0]; p.Form.Zone != "Asia/Tokyo" || f.Value != "2026-07-01T09:00" || f.Unit != "Asia/Tokyo" {
		t.Errorf("%+v", p.Form)
	}
	p = FormPage{Form: Form{Fields: []Field{{Kind: TimeField, Value: "2026-07-01T09:00", Zone: "Mars/Olympus"}}}}
	if p.InZone(time.UTC); p.Form.Zone != "UTC" {
		t.Error("a zone that is none is sent again")
	}
}
