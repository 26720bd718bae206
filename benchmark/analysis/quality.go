package analysis

import (
	"github.com/salesbench/salesbench/benchmark/stat"
)

// Quality says how carefully people answered, as far as answers alone can tell.
// Nothing is deleted; the comparison shows what leaving the flagged out would do.
type Quality struct {
	Judged          int            `json:"n"`
	StraightLine    int            `json:"n_straight_line"` // one answer to at least half of the items in a row, where there are 20 or more
	SameThroughout  int            `json:"n_same_answer_throughout"`
	Share           stat.Number    `json:"straight_line_share"`
	ShareCI         *stat.Interval `json:"straight_line_share_ci"`
	Flagged         int            `json:"n_flagged"` // two flags or more
	Incomplete      int            `json:"n_under_half_of_items"`
	LongstringMean  stat.Number    `json:"longstring_mean"`
	IRVMean         stat.Number    `json:"irv_mean"`
	Completeness    stat.Number    `json:"completeness_mean"`
	AlphaWithout    stat.Number    `json:"alpha_without_straight_line"`
	ICC1Without     stat.Number    `json:"icc1_n0_without_straight_line"`
	TopShareAll     stat.Number    `json:"index_raw_all"`
	TopShareWithout stat.Number    `json:"index_raw_without_straight_line"`
	Sentence        string         `json:"sentence"`
}

// judgedRow is the verdict on one respondent, kept small: there may be millions.
type judgedRow struct {
	longstring, items uint16
	flags             stat.QualityFlag
	irv               float32
}

func judge(t *Table, c *counts) (Quality, error) {
	plan := stat.QualityPlan{Scale: int8(c.points), Reversed: t.Reversed}
	if err := plan.Check(c.items); err != nil {
		return Quality{}, err
	}
	rows := make([]judgedRow, t.Rows)
	const block = 1024
	inParallel((t.Rows+block-1)/block, func(b int) {
		answers := make([]int8, c.items)
		for i := b * block; i < min((b+1)*block, t.Rows); i++ {
			for k, column := range t.Answers {
				answers[k] = int8(column[i])
			}
			rows[i] = judgeRow(plan, answers)
		}
	})
	return summarize(t, c, rows)
}

func judgeRow(plan stat.QualityPlan, answers []int8) judgedRow {
	q := plan.Judge(answers, nil)
	row := judgedRow{flags: q.Flags, irv: -1}
	if q.Longstring.Valid {
		row.longstring = uint16(q.Longstring.Value)
	}
	if q.IRV.Valid {
		row.irv = float32(q.IRV.Value)
	}
	for _, v := range answers {
		if v > 0 {
			row.items++
		}
	}
	return row
}

func summarize(t *Table, c *counts, rows []judgedRow) (Quality, error) {
	q := Quality{}
	var longstring, irv, completeness, agreeAll, agreeWithout []float64
	keep := make([]bool, len(rows))
	for i, row := range rows {
		if row.items == 0 {
			q.Incomplete++
			continue
		}
		q.Judged++
		straight := row.flags&stat.FlagStraightLine != 0
		keep[i] = !straight
		if straight {
			q.StraightLine++
		}
		if int(row.longstring) == int(row.items) && row.items > 1 {
			q.SameThroughout++
		}
		if row.flags.Flagged() {
			q.Flagged++
		}
		if 2*int(row.items) < c.items {
			q.Incomplete++
		}
		longstring = append(longstring, float64(row.longstring))
		if row.irv >= 0 {
			irv = append(irv, float64(row.irv))
		}
		completeness = append(completeness, float64(row.items)/float64(c.items))
		if share := c.agree[i]; share >= 0 {
			agreeAll = append(agreeAll, share)
			if !straight {
				agreeWithout = append(agreeWithout, share)
			}
		}
	}
	q.Share = ratio(q.StraightLine, q.Judged)
	q.ShareCI = stat.WilsonCount(q.StraightLine, q.Judged, confidence)
	q.LongstringMean, q.IRVMean, q.Completeness = average(longstring), average(irv), average(completeness)
	q.TopShareAll, q.TopShareWithout = average(agreeAll), average(agreeWithout)
	if err := q.without(t, c, keep); err != nil {
		return q, err
	}
	q.Sentence = q.words()
	return q, nil
}

// without repeats reliability and clustering without the straight-liners.
func (q *Quality) without(t *Table, c *counts, keep []bool) error {
	if q.StraightLine == 0 || q.StraightLine == q.Judged {
		return nil
	}
	careful := t.filter(keep)
	scale, err := stat.ReliabilityOf(stat.CrossProducts(careful.Answers, true), confidence)
	if err != nil {
		return err
	}
	q.AlphaWithout = scale.Alpha
	scores := count(careful, c.key, 1).score
	summaries, err := stat.ValueSummaries(nanWhereNegative(scores), careful.Org)
	if err != nil {
		return err
	}
	icc, err := stat.ICC(summaries, confidence)
	q.ICC1Without = icc.ICC1N0
	return err
}

func average(x []float64) stat.Number {
	if len(x) == 0 {
		return stat.Number{}
	}
	return stat.Some(stat.Total(x) / float64(len(x)))
}
