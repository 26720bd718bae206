package web

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/jobs"
	"github.com/salesbench/salesbench/survey/store"
)

// wider says by how many pixels the page is wider than the window, and which elements
// stick out of it. Charts take on a new width some moments after the window has: a page
// that stays too wide for two seconds is too wide.
const wider = `(async () => {
	const look = () => {
		const room = document.documentElement.clientWidth, excess = document.documentElement.scrollWidth - room;
		if (excess <= 0) return "";
		const out = [...document.querySelectorAll("body *")].filter(n => n.getBoundingClientRect().right > room + 0.5 && !n.closest(".table-scroll, .frame")).map(n => n.outerHTML.slice(0, 70));
		return excess + " pixels: " + out.slice(0, 4).join(" | ");
	};
	for (let n = 0; n < 40 && look(); n++) await new Promise(done => setTimeout(done, 50));
	return look();
})()`

// long gives everything a name as long as people have them, or longer.
func (w *walk) long(t *testing.T) {
	t.Helper()
	const word = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschafersundkaltblutig"
	list := w.manyOrganizations(30)
	for i := range list {
		list[i].Name = fmt.Sprintf("%s & Sons of the Whole Northern Region, number %d", word, i)
	}
	made, err := w.store.PutOrganizations(t.Context(), w.Study.ID, list)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.PutTeams(t.Context(), made[0].ID, []string{word, "Team " + longName}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.MakeOpenLinks(t.Context(), w.Wave.ID, []survey.OpenLink{{OrganizationID: made[0].ID}, {OrganizationID: made[1].ID}}); err != nil {
		t.Fatal(err)
	}
	w.root.sendFile(rosterAt+"/file", "organization,reference,email,name\norg-1,"+word+","+longEmail+","+longName+"\n")
	for n := range 3 { // browsers call themselves something long
		other := store.Session{TokenHash: [32]byte{1, byte(n)}, UserID: w.root.user.ID, Data: []byte{}, ExpiresAt: w.now.Add(sessionLife), Origin: "2001:db8:1234:5678:9abc:def0:1234:5678",
			Agent: "Mozilla/5.0 (Linux; Android 14; SM-S918B/DS; Build/UP1A.231005.007) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36 EdgA/130.0"}
		if err := w.store.PutSession(t.Context(), other); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.store.StartJob(t.Context(), store.NewJob{Kind: "some.long_work_with_a_long_name", Key: "y", StudyID: w.Study.ID, Parameters: jobs.RosterOrder{By: jobs.By{User: w.root.user.ID}}.Parameters()}); err != nil {
		t.Fatal(err)
	}
}

// narrow looks at the page at the widths of phones: nothing sticks out of it, with names
// as long as people have them.
func (l *looker) narrow(t *testing.T, width int64, name string) {
	t.Helper()
	l.do(t, chromedp.EmulateViewport(width, 800))
	if excess := evaluate[string](t, l.watched, wider, chromedp.EvalAwaitPromise); excess != "" {
		t.Errorf("at %d pixels it is wider by %s", width, excess)
	}
	keepPicture(t, l.watched, fmt.Sprintf("%s-%d", name, width))
}
