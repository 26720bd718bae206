package web

import "github.com/prometheus/client_golang/prometheus"

var (
	connectionsOpen    = prometheus.NewDesc("salesbench_connections", "Open connections.", nil, nil)
	connectionsRefused = prometheus.NewDesc("salesbench_connections_refused_total", "Connections closed at once because their address had too many.", nil, nil)
)

// Describe implements prometheus.Collector.
func (c *connections) Describe(ch chan<- *prometheus.Desc) {
	ch <- connectionsOpen
	ch <- connectionsRefused
}

// Collect implements prometheus.Collector.
func (c *connections) Collect(ch chan<- prometheus.Metric) {
	c.mu.Lock()
	open, refused := len(c.open), c.refused
	c.mu.Unlock()
	ch <- prometheus.MustNewConstMetric(connectionsOpen, prometheus.GaugeValue, float64(open))
	ch <- prometheus.MustNewConstMetric(connectionsRefused, prometheus.CounterValue, float64(refused))
}
