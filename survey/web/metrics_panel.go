package web

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// panelCollector reads how far the panels have come.
type panelCollector struct{ live *live }

func panelMetric(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("salesbench_panel_"+name, help, []string{"wave"}, nil)
}

var (
	panelPosition = panelMetric("position", "Responses that the panel has taken, those that may not be shown yet included.")
	panelBehind   = panelMetric("behind_responses", "Responses that the database was seen to have and the panel has not.")
	panelLag      = panelMetric("lag_seconds", "Since when the pages lack something that the database has; 0: they lack nothing.")
	panelShown    = panelMetric("shown_responses", "Responses in the edition that is shown.")
	panelSize     = panelMetric("bytes", "Memory of the panel, estimated from its columns.")
	panelRounds   = panelMetric("rounds_total", "Times the panel was brought forward.")
	panelFailing  = panelMetric("failing", "1 while the panel can not follow the database.")
)

// Describe implements prometheus.Collector.
func (c panelCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{panelPosition, panelBehind, panelLag, panelShown, panelSize, panelRounds, panelFailing} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c panelCollector) Collect(ch chan<- prometheus.Metric) {
	now := time.Now()
	for _, p := range c.live.followed() {
		wave := string(p.id)
		gauge := func(desc *prometheus.Desc, value float64) {
			ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, wave)
		}
		gauge(panelPosition, float64(p.position.Load()))
		gauge(panelBehind, float64(max(p.known.Load()-p.position.Load(), 0)))
		gauge(panelLag, p.lag(now).Seconds())
		gauge(panelSize, float64(p.bytes.Load()))
		if v := p.view.Load(); v != nil {
			gauge(panelShown, float64(v.snapshot.Len()))
		}
		failing := 0.0
		if p.failure.Load() != nil {
			failing = 1
		}
		gauge(panelFailing, failing)
		ch <- prometheus.MustNewConstMetric(panelRounds, prometheus.CounterValue, float64(p.ended.Load()), wave)
	}
}

// lag is for how long the pages have lacked something.
func (p *livePanel) lag(now time.Time) time.Duration {
	since := p.behind.Load()
	if since == 0 {
		return 0
	}
	return now.Sub(time.Unix(0, since))
}
