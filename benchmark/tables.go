package benchmark

// Tables are the tables of a benchmark for files: the same figures as pages and
// JSON, in full precision.
func (b *Benchmark) Tables() []Table {
	return []Table{b.practiceTable(), areaTable(b.Areas), b.organizationTable(), kpiTable(b.KPIs), timeTable(b.Time), b.roleTable()}
}

// Tables are the tables of an organization's report for files.
func (r *OrganizationReport) Tables() []Table {
	practices := Table{Name: "practices", Title: "Practices", Header: header([]string{"item", "label", "area", "key_practice", "reverse", "cut"},
		"own", "share_posterior_mean", "wc", "all", "peers", "gap_wc_points", "cohen_h", "gap_all_points", "gap_peers_points")}
	practices.Header = append(practices.Header, "gap_wc_p", "gap_wc_p_bh")
	for _, p := range r.Practices {
		line := row([]string{p.Item, p.Label, p.Area, yesNo(p.KeyPractice), yesNo(p.Reverse), p.Own.Cut},
			p.Own, p.Shrunk, p.WC, p.All, p.Peers, p.GapWC, p.Effect, p.GapAll, p.GapPeers)
		practices.Rows = append(practices.Rows, append(line, pCell(p.GapWC.P), pCell(p.GapWC.PBH)))
	}
	return []Table{practices, areaTable(r.Areas), kpiTable(r.KPIs), timeTable(r.Time)}
}

// Tables are the table of a group for files.
func (b *GroupBenchmark) Tables() []Table {
	t := Table{Name: "group", Title: "Practices of a group", Header: header([]string{"item", "label", "area", "key_practice", "reverse", "cut"},
		"group", "all", "wc", "gap_all_points", "gap_wc_points")}
	for _, p := range b.Practices {
		t.Rows = append(t.Rows, row([]string{p.Item, p.Label, p.Area, yesNo(p.KeyPractice), yesNo(p.Reverse), p.Group.Cut}, p.Group, p.All, p.WC, p.GapAll, p.GapWC))
	}
	return []Table{t}
}

func (b *Benchmark) practiceTable() Table {
	t := Table{Name: "practices", Title: "Practices", Header: header([]string{"item", "label", "area", "key_practice", "reverse", "cut"},
		"wc", "rest", "all", "median", "upper_quartile", "gap_points", "cohen_h", "leave_item_out_points", "split_half_points", "kpi_defined_points")}
	t.Header = append(t.Header, "split_half_p", "split_half_p_bh", "circular_share")
	for _, p := range b.Practices {
		line := row([]string{p.Item, p.Label, p.Area, yesNo(p.KeyPractice), yesNo(p.Reverse), p.All.Cut},
			p.WC, p.Rest, p.All, p.Median, p.Upper, p.Gap, p.Effect, p.LeaveOut, p.SplitHalf, p.KPIDefined)
		t.Rows = append(t.Rows, append(line, pCell(p.SplitHalf.P), pCell(p.SplitHalf.PBH), numberCell(p.Circular)))
	}
	return t
}

func areaTable(areas []AreaRow) Table {
	t := Table{Name: "areas", Title: "Areas", Header: header([]string{"area", "title"}, "wc", "rest", "all", "own")}
	for _, a := range areas {
		t.Rows = append(t.Rows, row([]string{a.Key, a.Title}, a.WC, a.Rest, a.All, a.Own))
	}
	return t
}

func (b *Benchmark) organizationTable() Table {
	t := Table{Name: "organizations", Title: "Organizations", Header: append(
		[]string{"organization", "name", "industry", "region", "size", "status", "tier", "tier_p", "wc_call", "p_world_class", "lambda"},
		header(nil, "index_posterior_mean", "index_raw", "expected_rank", "kpi_axis")...)}
	for _, o := range b.Organizations {
		c := o.Classification
		t.Rows = append(t.Rows, row([]string{o.Key, o.Name, o.Industry, o.Region, o.Size, string(o.Status), string(c.Tier), numberCell(c.TierP),
			string(c.Call), numberCell(c.PWC), numberCell(c.Lambda)}, c.Index, c.IndexRaw, c.Rank, c.KPIAxis))
	}
	return t
}

func kpiTable(kpis []KPIRow) Table {
	t := Table{Name: "kpis", Title: "Results: medians of organizations", Header: header([]string{"kpi", "label", "unit", "direction", "source"}, "wc", "rest", "all", "own", "gap")}
	for _, k := range kpis {
		t.Rows = append(t.Rows, row([]string{k.Key, k.Label, k.Unit, k.Direction, k.Source}, k.WC, k.Rest, k.All, k.Own, k.Gap))
	}
	return t
}

func timeTable(parts []TimeRow) Table {
	t := Table{Name: "manager_time", Title: "Managers' time in percent", Header: header([]string{"part", "label"}, "wc", "rest", "all", "own")}
	for _, p := range parts {
		t.Rows = append(t.Rows, row([]string{p.Key, p.Label}, p.WC, p.Rest, p.All, p.Own))
	}
	return t
}

func (b *Benchmark) roleTable() Table {
	t := Table{Name: "roles", Title: "Roles", Header: header([]string{"item", "label"}, "salesperson", "manager", "executive", "role_gap_points")}
	for _, r := range b.RoleGaps {
		t.Rows = append(t.Rows, row([]string{r.Item, r.Label}, r.Salesperson, r.Manager, r.Executive, r.Gap))
	}
	return t
}

// Tables are the tables of a source without single answers.
func (b *AggregateBenchmark) Tables() []Table {
	t := Table{Name: "measures", Title: "Measures", Header: append(header([]string{"measure", "label", "theme"},
		"lower_quartile", "median", "upper_quartile", "own", "percentile_midrank"), "minimum", "maximum", "published")}
	for _, r := range b.Rows {
		line := row([]string{r.Measure, r.Label, yesNo(r.Theme)}, r.Lower, r.Median, r.Upper, r.Own, r.Percentile)
		t.Rows = append(t.Rows, append(line, numberCell(r.Minimum), numberCell(r.Maximum), numberCell(r.Published)))
	}
	return []Table{t}
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
