package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/salesbench/salesbench/survey"
)

// made is a fictional organization with what drives its people's answers.
type made struct {
	survey.Organization
	teams       []string
	respondents int
	quality     float64 // practice level in standard deviations of ordinary organizations
	coaching    float64 // how far its managers coach and line up resources instead of counting
	result      float64 // what its KPIs have on top of practice: market, luck
	areas       map[string]float64
}

// Organizations that the demonstration leads to: among them one whose name tries to
// break pages, and one too small to be shown.
const (
	hostileName     = `</script><script>alert("Häberle & Söhne")</script>`
	smallName       = "Pocket Optics"
	averageName     = "Harrowgate Chemicals"
	bestName        = "Sakura Precision"
	smallGroup      = 6
	fewestResponses = 12
	mostResponses   = 60
)

// outstanding is the practice level from which an organization is World-Class beyond doubt.
const outstanding = 1.4

// excellence is the practice level of the organizations that stand out, by position
// in madeUp: four beyond doubt, then a slope down to the ordinary ones.
var excellence = map[int]float64{1: 1.5, 9: 1.6, 17: 1.7, 25: 1.45, 33: 1.2, 18: 0.9, 28: 0.75, 30: 0.6}

// madeUp lists name, industry, region and size code. All names are fictional.
var madeUp = [...][4]string{
	{"Northwind Bearings", "isic_c", "northern_america", "1000_4999"},
	{"Halden Instruments", "isic_c", "europe", "250_999"},
	{"Quillfeather Software", "isic_j", "northern_america", "250_999"},
	{"Lumora Payments", "isic_k", "europe", "1000_4999"},
	{"Sundara Logistics", "isic_h", "south_asia", "5000_19999"},
	{"Brightwater Pumps", "isic_c", "northern_america", "250_999"},
	{"Castellan Insurance", "isic_k", "europe", "5000_19999"},
	{"Tamarind Foods", "isic_g", "south_asia", "1000_4999"},
	{"Orrin & Vale Consulting", "isic_m", "europe", "50_249"},
	{"Kestrel Avionics", "isic_c", "northern_america", "1000_4999"},
	{"Mirador Networks", "isic_j", "latin_america", "250_999"},
	{"Fjordlys Energy", "isic_d", "europe", "1000_4999"},
	{"Basalt Construction Systems", "isic_f", "europe", "1000_4999"},
	{"Jacaranda Medical", "isic_q", "africa", "250_999"},
	{"Pellucid Analytics", "isic_j", "europe", "50_249"},
	{"Harrowgate Chemicals", "isic_c", "europe", "5000_19999"},
	{"Cobalt Ridge Mining Supply", "isic_b", "oceania", "250_999"},
	{"Sakura Precision", "isic_c", "east_asia", "5000_19999"},
	{"Meridian Freight", "isic_h", "northern_america", "1000_4999"},
	{"Aldous Learning", "isic_p", "europe", "50_249"},
	{"Verdigris Coatings", "isic_c", "latin_america", "250_999"},
	{"Stellaform Plastics", "isic_c", "east_asia", "1000_4999"},
	{"Tollgate Security", "isic_n", "northern_america", "250_999"},
	{"Ibex Outdoor Trade", "isic_g", "europe", "50_249"},
	{"Palisade Data Centers", "isic_j", "northern_america", "1000_4999"},
	{"Waterline Utilities", "isic_e", "oceania", "1000_4999"},
	{"Zephyr Clinical", "isic_q", "northern_america", "1000_4999"},
	{"Copperfield Bank", "isic_k", "northern_america", "20000_up"},
	{"Lattice Semiconductors of Lund", "isic_c", "europe", "5000_19999"},
	{"Marisol Hotels Supply", "isic_g", "latin_america", "250_999"},
	{"Ostara Agritech", "isic_a", "africa", "50_249"},
	{"Thornbury Telecom", "isic_j", "europe", "20000_up"},
	{"Umbra Lighting", "isic_c", "east_asia", "250_999"},
	{"Vantage Fleet Leasing", "isic_n", "europe", "250_999"},
	{"Winterhalter Labs", "isic_m", "europe", "250_999"},
	{"Yarrow Health Systems", "isic_q", "oceania", "1000_4999"},
	{"Dunmore Packaging", "isic_c", "europe", "1000_4999"},
	{"Ember Industrial Gases", "isic_c", "west_asia", "1000_4999"},
	{"Gossamer Textiles", "isic_c", "south_asia", "5000_19999"},
	{"Nimbus Workplace", "isic_j", "west_asia", "50_249"},
	{hostileName, "isic_g", "europe", "50_249"},
	{smallName, "isic_m", "europe", "1_49"},
}

var teamNames = [...]string{"North", "South", "East", "West", "Key accounts", "New business"}

// makeOrganizations makes the fictional organizations with their effects. Most are
// ordinary; a few are excellent in everything, and there managers coach.
func makeOrganizations(random *rand.Rand, instrument *survey.Instrument) []made {
	organizations := make([]made, len(madeUp))
	for i, m := range madeUp {
		o := made{
			Organization: survey.Organization{
				Key: fmt.Sprintf("org-%02d", i+1), Name: m[0], Industry: m[1], Region: m[2], Size: m[3],
			},
			respondents: fewestResponses + random.IntN(mostResponses-fewestResponses+1),
			quality:     clamp(random.NormFloat64(), -1.5, 1.4) * 0.32,
			result:      random.NormFloat64() * 0.35,
			areas:       make(map[string]float64),
		}
		o.coaching = 0.7*o.quality + 0.18*random.NormFloat64()
		if level, stands := excellence[i]; stands {
			o.quality, o.coaching = level, level
			if level >= outstanding {
				o.coaching += 0.4 // what tells the best apart is the managers
			}
			o.respondents = 44 + random.IntN(12)
		}
		if m[0] == smallName {
			o.respondents = smallGroup
		}
		for _, area := range instrument.Areas {
			o.areas[area.Key] = 0.18 * random.NormFloat64()
		}
		o.teams = teamNames[:min(len(teamNames), 1+o.respondents/12)]
		organizations[i] = o
	}
	return organizations
}

func clamp(x, low, high float64) float64 { return min(max(x, low), high) }
