// Package ratelimit holds token buckets: one for a rate, or one for each name that the
// rate is counted by. A row that finds no token may book a later time, so that many
// rows that wait come back one by one.
package ratelimit
