//go:build unix && !linux

package pgtest

import "syscall"

func endWithParent(*syscall.SysProcAttr) {}

func childrenOf(int) []int { return nil }
