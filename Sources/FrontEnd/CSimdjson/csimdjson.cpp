#include "csimdjson.h"

#include <simdjson.h>

#include <cstring>
#include <memory>
#include <new>

struct json_indexer {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  size_t capacity = 0;
};

extern "C" json_indexer *json_indexer_create(void) { return new (std::nothrow) json_indexer(); }

extern "C" void json_indexer_destroy(json_indexer *indexer) { delete indexer; }

extern "C" json_index_result json_indexer_run(
    json_indexer *indexer, const uint8_t *bytes, size_t length, const uint32_t **tokens, size_t *count) {
  *tokens = nullptr;
  *count = 0;
  if (length == 0) return JSON_INDEX_DONE;
  if (length > 0xe0000000u) return JSON_INDEX_OUT_OF_MEMORY;
  if (indexer->capacity < length) {
    // Windows differ by a line or so: room to spare, which costs nothing before it is written.
    size_t capacity = length + length / 8 + 4096;
    indexer->parser.reset();
    indexer->capacity = 0;
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(
            capacity, 1, indexer->parser) != simdjson::SUCCESS)
      return JSON_INDEX_OUT_OF_MEMORY;
    indexer->capacity = capacity;
  }
  switch (indexer->parser->stage1(bytes, length, simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS:
      *tokens = indexer->parser->structural_indexes.get();
      *count = indexer->parser->n_structural_indexes;
      return JSON_INDEX_DONE;
    case simdjson::EMPTY:
      return JSON_INDEX_DONE;
    case simdjson::UNCLOSED_STRING:
    case simdjson::UNESCAPED_CHARS:
      return JSON_INDEX_BAD_STRING;
    case simdjson::UTF8_ERROR:
      return JSON_INDEX_INVALID_UTF8;
    case simdjson::MEMALLOC:
      return JSON_INDEX_OUT_OF_MEMORY;
    default:
      return JSON_INDEX_OTHER;
  }
}

extern "C" bool json_utf8_is_valid(const uint8_t *bytes, size_t length) {
  return simdjson::validate_utf8(reinterpret_cast<const char *>(bytes), length);
}

// A byte counter for each lane, emptied before it can overflow: whole files pass through here.
extern "C" size_t json_count_line_feeds(const uint8_t *bytes, size_t length) {
  typedef uint8_t lanes __attribute__((vector_size(64)));
  size_t found = 0;
  size_t position = 0;
  while (length - position >= sizeof(lanes)) {
    lanes counters = {};
    size_t rounds = (length - position) / sizeof(lanes);
    if (rounds > 255) rounds = 255;
    for (size_t round = 0; round < rounds; round++) {
      lanes block;
      std::memcpy(&block, bytes + position, sizeof block);
      counters -= (lanes)(block == (uint8_t)'\n');
      position += sizeof block;
    }
    for (size_t lane = 0; lane < sizeof(lanes); lane++) found += counters[lane];
  }
  for (; position < length; position++) found += bytes[position] == '\n';
  return found;
}
