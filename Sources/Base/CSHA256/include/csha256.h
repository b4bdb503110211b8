#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whether the processor has instructions for SHA-256 (x86-64's SHA extensions).
bool csha256_is_available(void);

// Takes blocks of 64 bytes into the eight words of a state. Only where csha256_is_available says so.
void csha256_compress(uint32_t *state, const uint8_t *bytes, size_t blocks);
