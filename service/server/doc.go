// Package server is the one port: routes, webhooks and mounted paths of channels, the
// chat page, probes, CORS, limits of bodies and deadlines of reads and writes. It is
// handed the handlers of the typed API and the door of each channel.
package server
