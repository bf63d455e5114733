// Package memory is a journal that is lost when the process ends, for tests and throwaway
// runs.
package memory
