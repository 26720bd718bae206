package templates

// KioskEnd is the last page of a shared tablet, for whoever has sent the answers and
// for whoever goes without.
type KioskEnd struct {
	Base
	Sent         bool
	Code         string
	Contact      string
	MinimumGroup int
	Start        string // address of the first page
}

// Template names the file.
func (KioskEnd) Template() string { return "kiosk_end" }
