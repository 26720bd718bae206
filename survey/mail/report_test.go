package mail_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey/mail"
)

// report is one in the form that Postfix writes.
const report = `From: MAILER-DAEMON@mail.example.org
To: research@example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

This is the mail system.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; Zoe@Example.com
Original-Recipient: rfc822;zoe@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <zoe@example.com>: no such
    user here

Final-Recipient: rfc822; ada@example.com
Action: delayed
Status: 4.4.1

--B
Content-Type: text/rfc822-headers

Subject: Invitation
--B--
`

func TestAReportNamesWhoWasGivenUpForGood(t *testing.T) {
	got, err := mail.ReadReport(strings.NewReader(strings.ReplaceAll(report, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	want := []mail.Returned{{Email: "zoe@example.com", Status: "5.1.1", Reason: "550 5.1.1 (address): no such user here"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsNoReportIsRefusedInWords(t *testing.T) {
	for _, text := range []string{"", "no mail", "Subject: hello\r\n\r\nhello", strings.ReplaceAll(report, "message/delivery-status", "text/plain"),
		"Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n\r\n--B"} {
		if got, err := mail.ReadReport(strings.NewReader(text)); err == nil || len(got) > 0 {
			t.Errorf("%q gives %v, %v", text, got, err)
		}
	}
}

func FuzzReadReportNeverNamesWhatIsNoAddress(f *testing.F) {
	f.Add(report)
	f.Fuzz(func(t *testing.T, text string) {
		returned, _ := mail.ReadReport(strings.NewReader(text)) // whatever it is, it must not invent addresses
		for _, r := range returned {
			if mail.CheckAddress(mail.Address{Email: r.Email}) != nil || strings.ContainsAny(r.Reason, "\r\n") {
				t.Errorf("%+v", r)
			}
		}
	})
}
