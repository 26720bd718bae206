package templates

func init() {
	base := Base{Title: "Sign in again", SkipNote: true, Styles: []string{"staff.css"}}
	fields := []HiddenField{{"title", "Ours <b>"}, {"purpose", "To learn.\n\"Well.\""}}
	samples = append(samples, Resend{Base: base, Status: 401, Heading: "Please sign in again", Message: "Your session has ended.", SignIn: true, Action: "/studies/new", Fields: fields},
		Resend{Base: base, Status: 503, Heading: "Please try again", Message: "The service is busy.", Advice: []string{"Wait a few seconds."}, Action: "/studies/new", Fields: fields})
}
