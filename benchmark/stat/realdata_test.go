package stat

import (
	"compress/gzip"
	"encoding/csv"
	"io"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// exampleTable reads a data file that ships as an example, compressed or not.
func exampleTable(t *testing.T, name string) (header []string, rows [][]string) {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "cmd", "salesbench", "examples", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var text io.Reader = file
	if strings.HasSuffix(name, ".gz") {
		if text, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	table, err := csv.NewReader(text).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return table[0], table[1:]
}

// courseEvaluations are the columns Q1..Q28 with the organization (instr, class)
// of each row; organizations are numbered as R sorts "instr class".
func courseEvaluations(t *testing.T) (columns map[string][]int8, org []int32) {
	t.Helper()
	header, rows := exampleTable(t, "turkiye/turkiye.csv.gz")
	columns = map[string][]int8{}
	var names []string
	for _, row := range rows {
		names = append(names, row[0]+" "+row[1])
		for k, name := range header {
			if strings.HasPrefix(name, "Q") {
				v, err := strconv.Atoi(row[k])
				if err != nil {
					t.Fatal(err)
				}
				columns[name] = append(columns[name], int8(v))
			}
		}
	}
	code := map[string]int32{}
	distinct := append([]string(nil), names...)
	sort.Strings(distinct)
	for _, name := range distinct {
		if _, known := code[name]; !known {
			code[name] = int32(len(code))
		}
	}
	for _, name := range names {
		org = append(org, code[name])
	}
	return columns, org
}

func TestRowsOfTheCourseEvaluationsGiveWhatRSays(t *testing.T) {
	columns, org := courseEvaluations(t)
	var clusters struct{ Turkiye []clusterSet }
	readOracle(t, "clusters", &clusters)
	for _, o := range clusters.Turkiye {
		summaries, err := AnswerSummaries(columns[o.Item], org, 5)
		if err != nil {
			t.Fatal(err)
		}
		icc, _ := ICC(summaries, 0.95)
		wantNumber(t, o.Item+" icc1_n0", icc.ICC1N0, o.ANOVA.ICC1N0, 1e-9)
		wantInterval(t, o.Item+" icc2_ci", icc.ICC2CI, o.ANOVA.ICC2CI, 1e-9)
		mean, _ := Mean(summaries, MeanOptions{Scale: 5})
		wantNumber(t, o.Item+" se_cr2", mean.SECR2, o.Mean.SECR2, 1e-9)
	}
	var shares struct {
		Turkiye []struct {
			Item string
			shareOracle
		}
	}
	readOracle(t, "shares", &shares)
	for _, o := range shares.Turkiye {
		got, err := Share(Box(columns[o.Item], 4, 5), org, EqualRespondent, ShareOptions{})
		if err != nil {
			t.Fatal(err)
		}
		o.compare(t, got)
	}
	var reliability struct{ Turkiye []reliabilityOracle }
	readOracle(t, "reliability", &reliability)
	for _, o := range reliability.Turkiye {
		var scale [][]uint8
		for _, k := range o.Items {
			var column []uint8
			for _, v := range columns["Q"+strconv.Itoa(k)] {
				column = append(column, uint8(v))
			}
			scale = append(scale, column)
		}
		got, err := Reliability(scale, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		o.compare(t, got)
	}
}

// civilService is one year of the Civil Service People Survey: the code of each
// row and its measures.
type civilService struct {
	year, published string
	total           func(code string) bool // a group total or published benchmark
}

func TestMedianOfTheCivilServiceIsThePublishedMedian(t *testing.T) {
	for _, s := range []civilService{
		{"2018", "CIVILSERVICE", func(code string) bool { return code == "CIVILSERVICE" || strings.HasSuffix(code, "GROUP") }},
		{"2019", "CS_MEDIAN", func(code string) bool {
			return code == "CS_MEDIAN" || code == "CS_MEAN" || strings.HasSuffix(code, "_GRP")
		}},
	} {
		header, rows := exampleTable(t, "csps/csps"+s.year+".csv")
		broken := 0
		for column, name := range header {
			if column < 4 || name == "perma_index" || name == "proxy_stress_index" {
				continue
			}
			var own, withTotals []float64
			published := math.NaN()
			for _, row := range rows {
				v, err := strconv.ParseFloat(row[column], 64)
				if err != nil {
					continue
				}
				if row[2] == s.published {
					published = v
				}
				if !s.total(row[2]) {
					own = append(own, v)
				}
				withTotals = append(withTotals, v)
			}
			if math.IsNaN(published) {
				continue
			}
			if off := math.Abs(Median(own).Value - published); off > 0.005+1e-9 {
				t.Errorf("%s %s: median of %d organizations %g, published %g", s.year, name, len(own), Median(own).Value, published)
			}
			if math.Abs(Median(withTotals).Value-published) > 0.005+1e-9 {
				broken++
			}
		}
		if broken == 0 {
			t.Errorf("%s: leaving the totals in breaks no median", s.year)
		}
	}
}
