#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Finds the tokens of JSON text: simdjson's first stage, with the vector instructions the machine has.
typedef struct json_indexer json_indexer;

/// The result of an indexing run.
typedef enum {
  JSON_INDEX_DONE,
  /// A string does not end, or holds a raw control character.
  JSON_INDEX_BAD_STRING,
  JSON_INDEX_INVALID_UTF8,
  JSON_INDEX_OUT_OF_MEMORY,
  JSON_INDEX_OTHER,
} json_index_result;

/// A new indexer; NULL without memory, and where the simdjson that was loaded does not find tokens as expected.
json_indexer *json_indexer_create(void);
void json_indexer_destroy(json_indexer *indexer);

/// Indexes `length` bytes, which must begin and end outside strings. On success `*tokens` points to the offsets of
/// every bracket, brace, colon, comma, opening quote and first byte of a number or literal, ascending; it stays
/// valid until the next run.
json_index_result json_indexer_run(
    json_indexer *indexer, const uint8_t *bytes, size_t length, const uint32_t **tokens, size_t *count);

/// True where the bytes are UTF-8.
bool json_utf8_is_valid(const uint8_t *bytes, size_t length);

/// The number of line feeds.
size_t json_count_line_feeds(const uint8_t *bytes, size_t length);

#ifdef __cplusplus
}
#endif
