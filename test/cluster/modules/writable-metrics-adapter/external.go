// Flow: external metrics in memory: the values of series of a namespace, told apart by their labels.
package main

import (
	"context"
	"net/http"
	"slices"
	"sync"

	"github.com/emicklei/go-restful/v3"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/metrics/pkg/apis/external_metrics"
	"sigs.k8s.io/custom-metrics-apiserver/pkg/provider"
	"sigs.k8s.io/custom-metrics-apiserver/pkg/provider/defaults"
)

// externalSeries is a provider of external metrics. The zero value has none.
type externalSeries struct {
	defaults.DefaultExternalMetricsProvider

	lock sync.RWMutex
	// In the order of their first write, which is the order in which they are listed.
	all []oneSeries
}

type oneSeries struct {
	namespace string
	metric    string
	labels    labels.Set
	value     resource.Quantity
	writtenAt metav1.Time
}

func (s *externalSeries) GetExternalMetric(_ context.Context, namespace string, selector labels.Selector, info provider.ExternalMetricInfo) (*external_metrics.ExternalMetricValueList, error) {
	s.lock.RLock()
	defer s.lock.RUnlock()
	found := &external_metrics.ExternalMetricValueList{Items: []external_metrics.ExternalMetricValue{}}
	for _, one := range s.all {
		if one.namespace == namespace && one.metric == info.Metric && selector.Matches(one.labels) {
			found.Items = append(found.Items, external_metrics.ExternalMetricValue{
				MetricName:   one.metric,
				MetricLabels: one.labels,
				Timestamp:    one.writtenAt,
				Value:        one.value,
			})
		}
	}
	return found, nil
}

// webService takes `POST /write-external-metrics/namespaces/{namespace}/{metric}?labels=a=b,c=d` with a quantity as body, and DELETE of the same,
// which forgets the series with exactly these labels.
func (s *externalSeries) webService() *restful.WebService {
	const path = "/namespaces/{namespace}/{metric}"
	service := new(restful.WebService).Path("/write-external-metrics")
	service.Route(service.POST(path).To(s.write))
	service.Route(service.DELETE(path).To(s.forget))
	return service
}

func (s *externalSeries) write(request *restful.Request, response *restful.Response) {
	one, err := seriesOf(request)
	if err == nil {
		err = request.ReadEntity(&one.value)
	}
	if err != nil {
		_ = response.WriteErrorString(http.StatusBadRequest, err.Error())
		return
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if known := slices.IndexFunc(s.all, one.isSameAs); known >= 0 {
		s.all[known] = one
	} else {
		s.all = append(s.all, one)
	}
}

func (s *externalSeries) forget(request *restful.Request, response *restful.Response) {
	one, err := seriesOf(request)
	if err != nil {
		_ = response.WriteErrorString(http.StatusBadRequest, err.Error())
		return
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.all = slices.DeleteFunc(s.all, one.isSameAs)
}

// seriesOf reads which series a request is about; without a value.
func seriesOf(request *restful.Request) (oneSeries, error) {
	set := labels.Set{}
	var err error
	if text := request.QueryParameter("labels"); text != "" {
		set, err = labels.ConvertSelectorToLabelsMap(text)
	}
	return oneSeries{
		namespace: request.PathParameter("namespace"),
		metric:    request.PathParameter("metric"),
		labels:    set,
		writtenAt: metav1.Now(),
	}, err
}

func (o oneSeries) isSameAs(other oneSeries) bool {
	return o.namespace == other.namespace && o.metric == other.metric && labels.Equals(o.labels, other.labels)
}
