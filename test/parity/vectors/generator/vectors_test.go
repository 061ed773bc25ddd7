// Makes decisions.json: runs the HorizontalController of kube-controller-manager v1.36.3 on random autoscalers, pods and
// metrics, over several steps in the fake time of testing/synctest, and writes down what it did. README.md says how to run it.
package podautoscaler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	autoscalingclient "k8s.io/client-go/kubernetes/typed/autoscaling/v2"
	corelisters "k8s.io/client-go/listers/core/v1"
	scaleclient "k8s.io/client-go/scale"
	metricsclient "k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/monitor"
	"k8s.io/kubernetes/pkg/controller/util/selectors"
)

// ---------------------------------------------------------------- what is written

type vectorFile struct {
	Made  string       `json:"made"`
	Cases []vectorCase `json:"cases"`
}

type vectorCase struct {
	Gates     map[string]bool                           `json:"gates"`
	Spec      autoscalingv2.HorizontalPodAutoscalerSpec `json:"spec"`
	Status    json.RawMessage                           `json:"status"`
	Templates []templateView                            `json:"templates"`
	Steps     []vectorStep                              `json:"steps"`
}

type templateView struct {
	Containers []containerView   `json:"containers"`
	Init       []containerView   `json:"init,omitempty"`
	Pod        map[string]string `json:"pod,omitempty"`
	Overhead   map[string]string `json:"overhead,omitempty"`
}

type containerView struct {
	Name     string            `json:"name"`
	Requests map[string]string `json:"requests"`
	Always   bool              `json:"always,omitempty"`
}

type podView struct {
	Name     string `json:"n"`
	Phase    string `json:"p"`
	Deleting bool   `json:"d,omitempty"`
	Started  *int64 `json:"s,omitempty"`
	Ready    string `json:"r,omitempty"`
	ReadyAt  int64  `json:"a,omitempty"`
	Template int    `json:"t"`
}

type reading struct {
	// name -> [value, timestamp in s, window in s]
	Pods     map[string][3]string `json:"pods,omitempty"`
	Object   *string              `json:"object,omitempty"`
	External []string             `json:"external,omitempty"`
	Failed   string               `json:"failed,omitempty"`
	Stage    string               `json:"stage,omitempty"`
}

type target struct {
	Stage    string `json:"stage,omitempty"`
	Message  string `json:"message,omitempty"`
	Spec     int32  `json:"spec"`
	Status   int32  `json:"status"`
	Selector string `json:"selector"`
	// ok, missing, invalid, ambiguous
	Check        string `json:"check"`
	CheckMessage string `json:"checkMessage,omitempty"`
}

type vectorStep struct {
	At       int64     `json:"at"`
	Target   target    `json:"target"`
	Pods     []podView `json:"pods"`
	Readings []reading `json:"readings"`
	PutError string    `json:"putError,omitempty"`
	Expected expected  `json:"expected"`
}

type expected struct {
	Put    *int32          `json:"put,omitempty"`
	Status json.RawMessage `json:"status,omitempty"` // absent: not written
	Events []string        `json:"events,omitempty"`
	Error  string          `json:"error,omitempty"`
}

// ---------------------------------------------------------------- fakes

type world struct {
	pods     []*v1.Pod
	scale    *autoscalingv1.Scale
	mapErr   error
	scaleErr error
	putErr   error
	put      *int32
	written  *autoscalingv2.HorizontalPodAutoscaler
	events   []string
	readings map[string]rawReading
}

type rawReading struct {
	pods     metricsclient.PodMetricsInfo
	object   int64
	external []int64
	err      error
}

func (w *world) List(labels.Selector) ([]*v1.Pod, error)    { return w.pods, nil }
func (w *world) Pods(string) corelisters.PodNamespaceLister { return w }
func (w *world) Get(string) (*v1.Pod, error)                { return nil, errors.New("unused") }

type scales struct{ w *world }

func (s scales) Scales(string) scaleclient.ScaleInterface { return s }
func (s scales) Get(context.Context, schema.GroupResource, string, metav1.GetOptions) (*autoscalingv1.Scale, error) {
	if s.w.scaleErr != nil {
		return nil, s.w.scaleErr
	}
	return s.w.scale.DeepCopy(), nil
}
func (s scales) Update(_ context.Context, _ schema.GroupResource, scale *autoscalingv1.Scale, _ metav1.UpdateOptions) (*autoscalingv1.Scale, error) {
	replicas := scale.Spec.Replicas
	s.w.put = &replicas
	return scale, s.w.putErr
}
func (s scales) Patch(context.Context, schema.GroupVersionResource, string, types.PatchType, []byte, metav1.PatchOptions) (*autoscalingv1.Scale, error) {
	return nil, errors.New("unused")
}

type hpas struct {
	autoscalingclient.HorizontalPodAutoscalerInterface
	w *world
}

func (h hpas) HorizontalPodAutoscalers(string) autoscalingclient.HorizontalPodAutoscalerInterface {
	return h
}
func (h hpas) UpdateStatus(_ context.Context, hpa *autoscalingv2.HorizontalPodAutoscaler, _ metav1.UpdateOptions) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	h.w.written = hpa
	return hpa, nil
}

type mapper struct {
	apimeta.RESTMapper
	w *world
}

func (m mapper) RESTMappings(schema.GroupKind, ...string) ([]*apimeta.RESTMapping, error) {
	if m.w.mapErr != nil {
		return nil, m.w.mapErr
	}
	return []*apimeta.RESTMapping{{Resource: schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}}}, nil
}

type recorder struct{ w *world }

func (r recorder) Event(_ runtime.Object, eventType, reason, message string) {
	r.w.events = append(r.w.events, eventType+"|"+reason+"|"+message)
}
func (r recorder) Eventf(o runtime.Object, eventType, reason, format string, args ...interface{}) {
	r.Event(o, eventType, reason, fmt.Sprintf(format, args...))
}
func (r recorder) AnnotatedEventf(o runtime.Object, _ map[string]string, eventType, reason, format string, args ...interface{}) {
	r.Eventf(o, eventType, reason, format, args...)
}

type metrics struct{ w *world }

func (m metrics) perPod(key string) (metricsclient.PodMetricsInfo, time.Time, error) {
	r := m.w.readings[key]
	if r.err != nil {
		return nil, time.Time{}, r.err
	}
	out := metricsclient.PodMetricsInfo{}
	for name, metric := range r.pods {
		out[name] = metric
	}
	return out, time.Now(), nil
}
func (m metrics) GetResourceMetric(_ context.Context, res v1.ResourceName, _ string, _ labels.Selector, container string) (metricsclient.PodMetricsInfo, time.Time, error) {
	return m.perPod("resource/" + string(res) + "/" + container)
}
func (m metrics) GetRawMetric(name, _ string, _, _ labels.Selector) (metricsclient.PodMetricsInfo, time.Time, error) {
	return m.perPod("pods/" + name)
}
func (m metrics) GetObjectMetric(name, _ string, _ *autoscalingv2.CrossVersionObjectReference, _ labels.Selector) (int64, time.Time, error) {
	r := m.w.readings["object/"+name]
	return r.object, time.Now(), r.err
}
func (m metrics) GetExternalMetric(name, _ string, _ labels.Selector) ([]int64, time.Time, error) {
	r := m.w.readings["external/"+name]
	return r.external, time.Now(), r.err
}

// ---------------------------------------------------------------- generator

type maker struct{ *rand.Rand }

func (m maker) chance(percent int) bool  { return m.Intn(100) < percent }
func pick[T any](m maker, values ...T) T { return values[m.Intn(len(values))] }
func ptr[T any](value T) *T              { return &value }

func milli(value int64, format resource.Format) *resource.Quantity {
	return resource.NewMilliQuantity(value, format)
}

func (m maker) selector() *metav1.LabelSelector {
	if m.chance(60) {
		return nil
	}
	s := &metav1.LabelSelector{}
	if m.chance(70) {
		s.MatchLabels = map[string]string{"verb": "GET", "app": "x"}
	}
	if m.chance(40) {
		s.MatchExpressions = append(s.MatchExpressions, metav1.LabelSelectorRequirement{Key: "k", Operator: "In", Values: []string{"x", "y"}})
	}
	if m.chance(20) {
		s.MatchExpressions = append(s.MatchExpressions, metav1.LabelSelectorRequirement{Key: "z", Operator: "Exists"})
	}
	if m.chance(10) {
		s.MatchExpressions = append(s.MatchExpressions, metav1.LabelSelectorRequirement{Key: "z", Operator: "Resembles"})
	}
	return s
}

func (m maker) metric(index int) autoscalingv2.MetricSpec {
	name := fmt.Sprintf("m%d", index)
	res := pick(m, v1.ResourceCPU, v1.ResourceCPU, v1.ResourceMemory)
	resTarget := func() autoscalingv2.MetricTarget {
		switch {
		case m.chance(65):
			return autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: ptr(int32(pick(m, 10, 30, 50, 75, 80, 100, 150)))}
		case m.chance(90):
			return autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, AverageValue: milli(int64(pick(m, 100, 333, 500, 1000)), resource.DecimalSI)}
		default:
			return autoscalingv2.MetricTarget{Type: autoscalingv2.ValueMetricType, Value: milli(1000, resource.DecimalSI)}
		}
	}
	valueTarget := func() autoscalingv2.MetricTarget {
		quantity := milli(int64(pick(m, 1, 100, 500, 1000, 10000)), resource.DecimalSI)
		switch {
		case m.chance(45):
			return autoscalingv2.MetricTarget{Type: autoscalingv2.ValueMetricType, Value: quantity}
		case m.chance(80):
			return autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, AverageValue: quantity}
		case m.chance(50):
			return autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, Value: quantity}
		default:
			return autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: ptr(int32(50))}
		}
	}
	id := autoscalingv2.MetricIdentifier{Name: name, Selector: m.selector()}
	switch n := m.Intn(100); {
	case n < 45:
		return autoscalingv2.MetricSpec{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{Name: res, Target: resTarget()}}
	case n < 58:
		return autoscalingv2.MetricSpec{Type: autoscalingv2.ContainerResourceMetricSourceType, ContainerResource: &autoscalingv2.ContainerResourceMetricSource{Name: res, Container: pick(m, "app", "app", "side"), Target: resTarget()}}
	case n < 70:
		return autoscalingv2.MetricSpec{Type: autoscalingv2.PodsMetricSourceType, Pods: &autoscalingv2.PodsMetricSource{Metric: id, Target: autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, AverageValue: milli(int64(pick(m, 1, 100, 500, 1000)), resource.DecimalSI)}}}
	case n < 83:
		return autoscalingv2.MetricSpec{Type: autoscalingv2.ObjectMetricSourceType, Object: &autoscalingv2.ObjectMetricSource{DescribedObject: autoscalingv2.CrossVersionObjectReference{Kind: "Service", Name: "svc", APIVersion: "v1"}, Metric: id, Target: valueTarget()}}
	case n < 98:
		return autoscalingv2.MetricSpec{Type: autoscalingv2.ExternalMetricSourceType, External: &autoscalingv2.ExternalMetricSource{Metric: id, Target: valueTarget()}}
	default:
		return autoscalingv2.MetricSpec{Type: "Odd"}
	}
}

func (m maker) rules(up bool) *autoscalingv2.HPAScalingRules {
	r := &autoscalingv2.HPAScalingRules{SelectPolicy: ptr(pick(m, autoscalingv2.MaxChangePolicySelect, autoscalingv2.MaxChangePolicySelect, autoscalingv2.MinChangePolicySelect, autoscalingv2.DisabledPolicySelect))}
	if up || m.chance(60) {
		r.StabilizationWindowSeconds = ptr(int32(pick(m, 0, 0, 30, 60, 120)))
	}
	for i := 0; i <= m.Intn(3); i++ {
		r.Policies = append(r.Policies, autoscalingv2.HPAScalingPolicy{
			Type:          pick(m, autoscalingv2.PodsScalingPolicy, autoscalingv2.PercentScalingPolicy),
			Value:         int32(pick(m, 1, 2, 4, 10, 33, 50, 80, 90, 100)),
			PeriodSeconds: int32(pick(m, 15, 30, 60, 120)),
		})
	}
	if m.chance(30) {
		r.Tolerance = milli(int64(pick(m, 0, 50, 200, 500)), resource.DecimalSI)
	}
	return r
}

func (m maker) spec(scaleToZero bool) autoscalingv2.HorizontalPodAutoscalerSpec {
	s := autoscalingv2.HorizontalPodAutoscalerSpec{
		ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "d"},
		MaxReplicas:    int32(3 + m.Intn(12)),
	}
	if m.chance(80) {
		s.MinReplicas = ptr(int32(pick(m, 1, 1, 2, 3)))
	}
	if m.chance(10) || scaleToZero && m.chance(70) {
		s.MinReplicas = ptr(int32(0))
	}
	for i := 0; i < pick(m, 1, 1, 2, 3); i++ {
		s.Metrics = append(s.Metrics, m.metric(i))
	}
	if m.chance(60) {
		s.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{ScaleUp: m.rules(true), ScaleDown: m.rules(false)}
	}
	return s
}

func requests(cpu, memory int64) v1.ResourceList {
	list := v1.ResourceList{}
	if cpu >= 0 {
		list[v1.ResourceCPU] = *milli(cpu, resource.DecimalSI)
	}
	if memory >= 0 {
		list[v1.ResourceMemory] = *milli(memory, resource.BinarySI)
	}
	return list
}

func (m maker) template() v1.PodSpec {
	container := func(name string, list v1.ResourceList) v1.Container {
		return v1.Container{Name: name, Resources: v1.ResourceRequirements{Requests: list}}
	}
	always := func(c v1.Container) v1.Container {
		c.RestartPolicy = ptr(v1.ContainerRestartPolicyAlways)
		return c
	}
	spec := v1.PodSpec{Containers: []v1.Container{container("app", requests(1000, 1000))}}
	switch n := m.Intn(100); {
	case n < 55:
	case n < 65:
		spec.Containers = append(spec.Containers, container("side", requests(int64(m.Intn(500)), 200)))
	case n < 75:
		spec.InitContainers = []v1.Container{container("first", requests(3000, 50)), always(container("side", requests(250, 300))), container("last", requests(1500, -1))}
	case n < 82:
		spec.Containers[0] = container("app", requests(-1, 1000))
	case n < 85:
		spec.Containers[0] = container("app", requests(0, 0))
	case n < 95:
		spec.Resources = &v1.ResourceRequirements{Requests: pick(m, requests(700, -1), requests(-1, 900), requests(700, 900), v1.ResourceList{"hugepages-2Mi": *milli(1000, resource.DecimalSI)})}
		spec.InitContainers = []v1.Container{container("first", requests(3000, -1)), always(container("side", requests(250, -1))), container("last", requests(1500, -1))}
		if m.chance(60) {
			spec.Overhead = requests(120, 64)
		}
		if m.chance(30) {
			spec.Containers[0] = container("app", requests(-1, -1))
		}
	default:
		spec.Containers = append(spec.Containers, container("side", requests(-1, -1)))
	}
	return spec
}

func milliMap(list v1.ResourceList) map[string]string {
	out := map[string]string{}
	for name, quantity := range list {
		out[string(name)] = strconv.FormatInt(quantity.MilliValue(), 10)
	}
	return out
}

func viewOf(spec v1.PodSpec) templateView {
	view := templateView{}
	for _, c := range spec.Containers {
		view.Containers = append(view.Containers, containerView{Name: c.Name, Requests: milliMap(c.Resources.Requests)})
	}
	for _, c := range spec.InitContainers {
		view.Init = append(view.Init, containerView{Name: c.Name, Requests: milliMap(c.Resources.Requests), Always: c.RestartPolicy != nil})
	}
	if spec.Resources != nil {
		view.Pod = milliMap(spec.Resources.Requests)
	}
	if spec.Overhead != nil {
		view.Overhead = milliMap(spec.Overhead)
	}
	return view
}

func (m maker) pod(index int, templates []v1.PodSpec) (*v1.Pod, podView) {
	now := time.Now().Unix()
	view := podView{Name: fmt.Sprintf("p%02d", index), Phase: "Running", Template: 0}
	if m.chance(20) {
		view.Template = m.Intn(len(templates))
	}
	started := now - int64(pick(m, 3600, 3600, 600, 301, 300, 299, 120, 60))
	switch n := m.Intn(100); {
	case n < 60:
		view.Ready, view.ReadyAt = "True", started+int64(pick(m, 5, 5, 29, 30, 31, 90))
	case n < 72:
		view.Ready, view.ReadyAt = "False", started+int64(pick(m, 0, 5, 29, 30, 31, 59))
	case n < 76:
		view.Ready, view.ReadyAt = "Unknown", now-10
	case n < 80:
		view.Phase, view.Ready, view.ReadyAt = "Pending", "False", started
	case n < 84:
		view.Phase = "Failed"
	case n < 88:
		view.Deleting, view.Ready, view.ReadyAt = true, "True", started
	case n < 91:
		view.Phase, view.Ready, view.ReadyAt = "Succeeded", "False", started
	case n < 94:
		view.Ready = ""
	case n < 97:
		view.Ready, view.ReadyAt = "True", started
		started = 0
	default:
		view.Phase = pick(m, "", "Unknown")
	}
	pod := &v1.Pod{ObjectMeta: metav1.ObjectMeta{Name: view.Name, Namespace: "ns", Labels: map[string]string{"app": "x"}}, Spec: templates[view.Template], Status: v1.PodStatus{Phase: v1.PodPhase(view.Phase)}}
	if view.Deleting {
		pod.DeletionTimestamp = ptr(metav1.Now())
	}
	if started != 0 {
		view.Started = &started
		pod.Status.StartTime = ptr(metav1.Unix(started, 0))
	}
	if view.Ready != "" {
		pod.Status.Conditions = []v1.PodCondition{{Type: v1.PodReady, Status: v1.ConditionStatus(view.Ready), LastTransitionTime: metav1.Unix(view.ReadyAt, 0)}}
	}
	return pod, view
}

func keyOf(spec autoscalingv2.MetricSpec) string {
	switch spec.Type {
	case autoscalingv2.ResourceMetricSourceType:
		return "resource/" + string(spec.Resource.Name) + "/"
	case autoscalingv2.ContainerResourceMetricSourceType:
		return "resource/" + string(spec.ContainerResource.Name) + "/" + spec.ContainerResource.Container
	case autoscalingv2.PodsMetricSourceType:
		return "pods/" + spec.Pods.Metric.Name
	case autoscalingv2.ObjectMetricSourceType:
		return "object/" + spec.Object.Metric.Name
	case autoscalingv2.ExternalMetricSourceType:
		return "external/" + spec.External.Metric.Name
	}
	return ""
}

func (m maker) raw(key string, pods []*v1.Pod, load float64) rawReading {
	if m.chance(8) {
		return rawReading{err: errors.New("boom")}
	}
	value := func() int64 { return int64(load * float64(400+m.Intn(300))) }
	switch strings.SplitN(key, "/", 2)[0] {
	case "object":
		return rawReading{object: pick(m, value(), value(), value()*10, 0, -500, 1<<62)}
	case "external":
		list := []int64{}
		for i := 0; i <= m.Intn(3); i++ {
			list = append(list, pick(m, value(), value(), value()*10, 0, -500, 1<<62))
		}
		return rawReading{external: list}
	}
	info := metricsclient.PodMetricsInfo{}
	add := func(name string, value int64) {
		info[name] = metricsclient.PodMetric{Value: value, Timestamp: time.Now().Add(-time.Duration(m.Intn(30)) * time.Second), Window: time.Duration(pick(m, 10, 15, 30, 60)) * time.Second}
	}
	drop := pick(m, 3, 15, 40)
	for _, pod := range pods {
		if pod.Status.Phase == v1.PodPending && m.chance(80) || m.chance(drop) {
			continue
		}
		add(pod.Name, value())
	}
	if m.chance(8) {
		add("stray", value()*3)
	}
	if m.chance(2) {
		add("p00", 1<<61)
	}
	return rawReading{pods: info}
}

func text(value int64) string { return strconv.FormatInt(value, 10) }

// The words around an error of a metrics API are those of the calculator; the texts below are what it passes on.
func readingOf(spec autoscalingv2.MetricSpec, raw rawReading) reading {
	if selector := selectorOf(spec); selector != nil {
		if _, err := metav1.LabelSelectorAsSelector(selector); err != nil {
			return reading{Failed: err.Error(), Stage: "selector"}
		}
	}
	if raw.err != nil {
		switch spec.Type {
		case autoscalingv2.ResourceMetricSourceType:
			return reading{Failed: fmt.Sprintf("unable to get metrics for resource %s: boom", spec.Resource.Name)}
		case autoscalingv2.ContainerResourceMetricSourceType:
			return reading{Failed: fmt.Sprintf("unable to get metrics for resource %s: boom", spec.ContainerResource.Name)}
		case autoscalingv2.PodsMetricSourceType:
			return reading{Failed: fmt.Sprintf("unable to get metric %s: boom", spec.Pods.Metric.Name)}
		case autoscalingv2.ObjectMetricSourceType:
			return reading{Failed: fmt.Sprintf("unable to get metric %s: Service on ns svc/boom", spec.Object.Metric.Name)}
		case autoscalingv2.ExternalMetricSourceType:
			return reading{Failed: fmt.Sprintf("unable to get external metric ns/%s/%+v: boom", spec.External.Metric.Name, spec.External.Metric.Selector)}
		}
	}
	switch spec.Type {
	case autoscalingv2.ObjectMetricSourceType:
		return reading{Object: ptr(text(raw.object))}
	case autoscalingv2.ExternalMetricSourceType:
		out := reading{}
		for _, value := range raw.external {
			out.External = append(out.External, text(value))
		}
		return out
	}
	out := reading{Pods: map[string][3]string{}}
	for name, metric := range raw.pods {
		out.Pods[name] = [3]string{text(metric.Value), text(metric.Timestamp.Unix()), text(int64(metric.Window.Seconds()))}
	}
	return out
}

func selectorOf(spec autoscalingv2.MetricSpec) *metav1.LabelSelector {
	switch spec.Type {
	case autoscalingv2.PodsMetricSourceType:
		return spec.Pods.Metric.Selector
	case autoscalingv2.ObjectMetricSourceType:
		return spec.Object.Metric.Selector
	case autoscalingv2.ExternalMetricSourceType:
		return spec.External.Metric.Selector
	}
	return nil
}

func raw(value any) json.RawMessage {
	out, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return out
}

func (m maker) initialStatus() autoscalingv2.HorizontalPodAutoscalerStatus {
	s := autoscalingv2.HorizontalPodAutoscalerStatus{}
	if m.chance(50) {
		return s
	}
	s.ObservedGeneration = ptr(int64(3))
	s.LastScaleTime = ptr(metav1.Unix(time.Now().Unix()-500, 0))
	s.CurrentReplicas, s.DesiredReplicas = 4, 5
	add := func(kind autoscalingv2.HorizontalPodAutoscalerConditionType, status v1.ConditionStatus) {
		s.Conditions = append(s.Conditions, autoscalingv2.HorizontalPodAutoscalerCondition{Type: kind, Status: status, Reason: "Before", Message: "before", LastTransitionTime: metav1.Unix(time.Now().Unix()-700, 0)})
	}
	if m.chance(50) {
		add(autoscalingv2.ScaledToZero, pick(m, v1.ConditionTrue, v1.ConditionTrue, v1.ConditionFalse))
	}
	add(autoscalingv2.AbleToScale, pick(m, v1.ConditionTrue, v1.ConditionFalse))
	if m.chance(50) {
		add(autoscalingv2.ScalingActive, pick(m, v1.ConditionTrue, v1.ConditionFalse, v1.ConditionUnknown))
	}
	return s
}

func (m maker) target(w *world, a *HorizontalController, key selectors.Key, hpa *autoscalingv2.HorizontalPodAutoscaler, replicas int32) target {
	w.mapErr, w.scaleErr, w.putErr = nil, nil, nil
	hpa.Spec.ScaleTargetRef.APIVersion = "apps/v1"
	a.hpaSelectors = selectors.NewBiMultimap()
	a.hpaSelectors.PutSelector(key, labels.Nothing())
	t := target{Spec: replicas, Status: replicas, Selector: "app=x", Check: "ok"}
	if m.chance(15) {
		t.Status = int32(m.Intn(8))
	}
	switch n := m.Intn(100); {
	case n < 2:
		w.mapErr = errors.New(`no matches for kind "Deployment" in group "apps"`)
		t.Stage, t.Message = "map-kind", w.mapErr.Error()
	case n < 4:
		w.scaleErr = errors.New(`deployments.apps "d" not found`)
		t.Stage, t.Message = "get-scale", w.scaleErr.Error()
	case n < 6:
		t.Selector, t.Check = "", "missing"
	case n < 8:
		t.Selector, t.Check = "app in (", "invalid"
		_, err := labels.Parse(t.Selector)
		t.CheckMessage = err.Error()
	case n < 10 && len(w.pods) > 0:
		t.Check = "ambiguous"
		a.hpaSelectors.PutSelector(selectors.Key{Namespace: "ns", Name: "other"}, labels.SelectorFromSet(labels.Set{"app": "x"}))
	}
	w.scale = &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "d"}, Spec: autoscalingv1.ScaleSpec{Replicas: t.Spec}, Status: autoscalingv1.ScaleStatus{Replicas: t.Status, Selector: t.Selector}}
	return t
}

func (m maker) oneCase() vectorCase {
	gates := map[string]bool{"HPAConfigurableTolerance": !m.chance(10), "HPAScaleToZero": m.chance(30), "PodLevelResources": !m.chance(15)}
	if err := utilfeature.DefaultMutableFeatureGate.SetFromMap(gates); err != nil {
		panic(err)
	}
	w := &world{}
	a := &HorizontalController{
		scaleNamespacer: scales{w}, hpaNamespacer: hpas{w: w}, mapper: mapper{w: w}, eventRecorder: recorder{w},
		tolerance: 0.1, downscaleStabilisationWindow: 5 * time.Minute, monitor: monitor.New(), podLister: w,
		recommendations: map[string][]timestampedRecommendation{}, scaleUpEvents: map[string][]timestampedScaleEvent{}, scaleDownEvents: map[string][]timestampedScaleEvent{},
		replicaCalc: NewReplicaCalculator(metrics{w}, w, 5*time.Minute, 30*time.Second),
	}
	hpa := &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "h"}, Spec: m.spec(gates["HPAScaleToZero"]), Status: m.initialStatus()}
	key := selectors.Key{Namespace: "ns", Name: "h"}
	templates := []v1.PodSpec{m.template(), m.template()}
	out := vectorCase{Gates: gates, Spec: *hpa.Spec.DeepCopy(), Status: raw(hpa.Status)}
	for _, template := range templates {
		out.Templates = append(out.Templates, viewOf(template))
	}
	replicas := int32(pick(m, 1, 2, 3, 4, 5, 6, 8))
	load := 1.0
	for step := 0; step < 5; step++ {
		time.Sleep(time.Duration(pick(m, 1, 14, 15, 15, 15, 16, 29, 30, 31, 60, 61, 120, 299, 300, 301)) * time.Second)
		load *= pick(m, 0.2, 0.7, 0.95, 1, 1, 1.1, 1.5, 3)
		if load > 5 || load < 0.05 {
			load = 1
		}
		if m.chance(8) {
			replicas = int32(pick(m, 0, 0, 1, 5, 20))
		}
		w.pods, w.readings, w.put, w.written, w.events = nil, map[string]rawReading{}, nil, nil, nil
		s := vectorStep{At: time.Now().Unix(), Pods: []podView{}, Readings: []reading{}}
		count := min(int(replicas), 6)
		if m.chance(15) {
			count = m.Intn(7)
		}
		for i := 0; i < count; i++ {
			pod, view := m.pod(i, templates)
			w.pods = append(w.pods, pod)
			s.Pods = append(s.Pods, view)
		}
		s.Target = m.target(w, a, key, hpa, replicas)
		for _, metric := range hpa.Spec.Metrics {
			name := keyOf(metric)
			if _, known := w.readings[name]; !known {
				w.readings[name] = m.raw(name, w.pods, load)
			}
			s.Readings = append(s.Readings, readingOf(metric, w.readings[name]))
		}
		if m.chance(10) {
			s.PutError = "boom"
			w.putErr = errors.New("boom")
		}
		err := a.reconcileAutoscaler(context.Background(), hpa, "ns/h")
		if err != nil {
			s.Expected.Error = ordered(err.Error())
		}
		s.Expected.Put = w.put
		for _, event := range w.events {
			s.Expected.Events = append(s.Expected.Events, ordered(event))
		}
		// A status that differs from the one before in that order only would not be written either.
		if w.written != nil && ordered(string(raw(w.written.Status))) != string(raw(hpa.Status)) {
			s.Expected.Status = json.RawMessage(ordered(string(raw(w.written.Status))))
			// What the API server would hand back: times in whole seconds.
			next := autoscalingv2.HorizontalPodAutoscalerStatus{}
			if err := json.Unmarshal(s.Expected.Status, &next); err != nil {
				panic(err)
			}
			hpa = hpa.DeepCopy()
			hpa.Status = next
		}
		if w.put != nil && w.putErr == nil {
			replicas = *w.put
		}
		out.Steps = append(out.Steps, s)
	}
	return out
}

// The order of the autoscalers in AmbiguousSelector is that of a Go map; ours is sorted.
func ordered(message string) string {
	return strings.ReplaceAll(message, "[ns/other ns/h]", "[ns/h ns/other]")
}

func TestVectors(t *testing.T) {
	count, _ := strconv.Atoi(os.Getenv("VECTOR_CASES"))
	seed, _ := strconv.ParseInt(os.Getenv("VECTOR_SEED"), 10, 64)
	file := vectorFile{Made: fmt.Sprintf("test/parity/vectors/generator: HorizontalController of kube-controller-manager v1.36.3, seed %d, %d cases", seed, count)}
	// Gates that need PodLevelResources, which some cases switch off.
	if err := utilfeature.DefaultMutableFeatureGate.SetFromMap(map[string]bool{"InPlacePodLevelResourcesVerticalScaling": false, "PodLevelResourceManagers": false}); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		m := maker{rand.New(rand.NewSource(seed))}
		for i := 0; i < count; i++ {
			file.Cases = append(file.Cases, m.oneCase())
		}
	})
	lines := make([]string, 0, len(file.Cases))
	for _, one := range file.Cases {
		lines = append(lines, string(raw(one)))
	}
	body := fmt.Sprintf("{\"made\":%q,\"cases\":[\n%s\n]}\n", file.Made, strings.Join(lines, ",\n"))
	if err := os.WriteFile(os.Getenv("VECTOR_FILE"), []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}
