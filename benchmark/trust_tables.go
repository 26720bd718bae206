package benchmark

// Tables are the tables of a Trust for files.
func (t *Trust) Tables() []Table {
	scales := Table{Name: "scales", Title: "Scales", Header: header([]string{"scale", "title", "aggregation"},
		"alpha_listwise", "alpha_without_flagged", "omega_total", "icc1_n0", "icc2", "rwgj_uniform", "rwgj_slight_skew",
		"deff_n", "n_eff", "respondents_needed", "organizations_with_respondents_needed")}
	items := Table{Name: "items", Title: "Items of the scales", Header: header([]string{"scale", "item", "label", "hurts", "why"}, "item_total_corrected", "alpha_if_deleted")}
	for _, s := range t.Scales {
		scales.Rows = append(scales.Rows, row([]string{s.Key, s.Title, s.Agreement.Aggregation}, s.Alpha, s.AlphaWithout, s.Omega,
			s.Agreement.ICC1, s.Agreement.ICC2, s.Agreement.RwgjUniform, s.Agreement.RwgjSlight, s.Deff, s.NEff, s.Needed, s.Reached))
		for _, i := range s.PerItem {
			items.Rows = append(items.Rows, row([]string{s.Key, i.Item, i.Label, yesNo(i.Hurts), i.Why}, i.ItemTotal, i.AlphaIfDeleted))
		}
	}
	organizations := Table{Name: "organizations", Title: "Agreement within organizations",
		Header: header([]string{"organization", "name", "status", "scale", "aggregation"}, "rwgj_uniform", "rwgj_slight_skew", "lambda")}
	for _, o := range t.Organizations {
		for _, s := range o.Scales {
			organizations.Rows = append(organizations.Rows, row([]string{o.Key, o.Name, string(o.Status), s.Key, s.Aggregation}, s.RwgjUniform, s.RwgjSlight, s.Lambda))
		}
	}
	robust := Table{Name: "without_flagged", Title: "With and without flagged respondents", Header: header([]string{"item", "label"},
		"all", "all_without_flagged", "all_change_points", "gap_points", "gap_points_without_flagged", "gap_change_points")}
	for _, r := range t.WithoutFlagged {
		robust.Rows = append(robust.Rows, row([]string{r.Item, r.Label}, r.All, r.AllWithout, r.AllChange, r.Gap, r.GapWithout, r.GapChange))
	}
	silence := Table{Name: "item_nonresponse", Title: "Items without a valid answer", Header: header([]string{"item", "label"},
		"item_nonresponse", "dont_know_share", "not_applicable_share", "skipped_share")}
	for _, s := range t.Silence {
		silence.Rows = append(silence.Rows, row([]string{s.Item, s.Label}, s.Nonresponse, s.DontKnow, s.NotApplied, s.Skipped))
	}
	return []Table{scales, items, organizations, robust, silence}
}

// Tables are the tables of Drivers for files.
func (d *Drivers) Tables() []Table {
	weighed := Table{Name: "drivers", Title: "What goes together with results", Header: header([]string{"result", "label", "level", "predictor", "predictor_label", "quadrant", "unstable"},
		"r", "johnson_share", "lmg_share", "vif", "performance", "quadrant_stability")}
	single := Table{Name: "one_at_a_time", Title: "One practice at a time", Header: header([]string{"result", "label", "predictor", "predictor_label"}, "r")}
	single.Header = append(single.Header, "p", "p_bh")
	for _, o := range d.Outcomes {
		for _, r := range o.Rows {
			weighed.Rows = append(weighed.Rows, row([]string{o.Key, o.Label, o.Level, r.Key, r.Label, string(r.Quadrant), yesNo(r.Unstable)},
				r.R, r.Johnson, r.LMG, r.VIF, r.Share, r.Stable))
		}
		for _, r := range o.Single {
			single.Rows = append(single.Rows, append(row([]string{o.Key, o.Label, r.Key, r.Label}, r.R), pCell(r.R.P), pCell(r.R.PBH)))
		}
	}
	return []Table{weighed, single}
}
