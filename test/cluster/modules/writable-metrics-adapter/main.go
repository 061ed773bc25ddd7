// Edge: a server of custom.metrics.k8s.io and external.metrics.k8s.io whose values are written over HTTP.
//
// Everything that a client of these APIs sees comes from sigs.k8s.io/custom-metrics-apiserver; values of pods and objects are kept by the provider of
// that module's test-adapter. That program itself is not used for two reasons: it takes writes on port 8080 of every address, so two cannot run on one
// machine, and its external metrics are constants.
package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/emicklei/go-restful/v3"
	"k8s.io/klog/v2"
	basecmd "sigs.k8s.io/custom-metrics-apiserver/pkg/cmd"
	"sigs.k8s.io/custom-metrics-apiserver/test-adapter/provider"
)

func main() {
	adapter := &basecmd.AdapterBase{Name: "custom-metrics-adapter", DiscoveryInterval: 10 * time.Second}
	writeAddress := adapter.Flags().String("write-address", "", "host:port on which values are written, without TLS")
	check("reading the flags", adapter.Flags().Parse(os.Args[1:]))

	client, err := adapter.DynamicClient()
	check("making a client", err)
	mapper, err := adapter.RESTMapper()
	check("discovering resources", err)
	objects, writeObjects := provider.NewFakeProvider(client, mapper)
	series := &externalSeries{}
	adapter.WithCustomMetrics(objects)
	adapter.WithExternalMetrics(series)

	writes := restful.NewContainer()
	writes.Add(writeObjects)
	writes.Add(series.webService())
	listener, err := net.Listen("tcp", *writeAddress)
	check("listening for writes", err)
	go func() {
		server := &http.Server{Handler: writes, ReadHeaderTimeout: 3 * time.Second}
		check("taking writes", server.Serve(listener))
	}()
	check("serving", adapter.Run(context.Background()))
}

func check(doing string, err error) {
	if err != nil {
		klog.Fatalf("%s: %v", doing, err)
	}
}
