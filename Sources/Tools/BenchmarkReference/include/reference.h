#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the machine can do without netpolc: the limits that benchmarks compare with. Part of no product.

#ifdef __cplusplus
extern "C" {
#endif

/// What a reading found.
typedef struct {
  uint64_t pods;
  uint64_t labels;
  uint64_t addresses;
  uint64_t ports;
} reference_counts;

/// Reads a List of pods with simdjson On-Demand into owned values: the fields that netpolc keeps, and no others.
bool reference_read_pods(const char *path, reference_counts *counts);

/// Lets libyaml find all events of the text and does nothing with them. Their number, or 0 on an error.
uint64_t reference_yaml_events(const uint8_t *bytes, size_t length);

/// Prints the numbers first to first + count - 1 as IPv4 addresses, one a line, into memory. How many bytes.
size_t reference_print_addresses(uint32_t first, size_t count);

/// Nanoseconds of the calling thread's processor time, kernel included.
uint64_t reference_thread_time(void);

/// Gives memory that is free back to the system, so that what follows shows as growth.
void reference_release_memory(void);

#ifdef __cplusplus
}
#endif
