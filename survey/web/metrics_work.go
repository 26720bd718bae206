package web

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// workCollector asks the database what waits beside the pages: the same from every
// replica. While the database does not answer these figures are absent.
type workCollector struct{ store *store.Store }

// scrapePatience is how long a scrape waits for the database.
const scrapePatience = 2 * time.Second

var (
	workMails   = prometheus.NewDesc("salesbench_mails", "Messages of the outbox by where they stand; uncertain ones wait for a decision of somebody.", []string{"status"}, nil)
	workOverdue = prometheus.NewDesc("salesbench_mail_overdue_seconds", "For how long the oldest message has been due that was not sent; the rate of a mailing counts.", nil, nil)
	workJobs    = prometheus.NewDesc("salesbench_jobs", "Long work by where it stands.", []string{"status"}, nil)
)

// Describe implements prometheus.Collector.
func (c workCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{workMails, workOverdue, workJobs} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c workCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapePatience)
	defer cancel()
	counts, err := c.store.CountWork(ctx)
	if err != nil {
		return
	}
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	gauge(workOverdue, counts.Overdue.Seconds())
	for _, status := range survey.MailStatuses {
		gauge(workMails, float64(counts.Mails[status]), string(status))
	}
	for _, status := range survey.JobStatuses {
		gauge(workJobs, float64(counts.Jobs[status]), string(status))
	}
}
