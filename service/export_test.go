package service

import "github.com/prometheus/client_golang/prometheus"

// Metrics describes every metric, whether something happened to count or not.
func (s *Service) Metrics() (list []string) {
	descs := make(chan *prometheus.Desc)
	go func() {
		s.metrics.registry.Describe(descs)
		close(descs)
	}()
	for d := range descs {
		list = append(list, d.String())
	}
	return list
}
