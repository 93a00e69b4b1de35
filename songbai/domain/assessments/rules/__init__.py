"""Pure rules of assessment: instruments, scores, the process, needs, how bodies compare."""
