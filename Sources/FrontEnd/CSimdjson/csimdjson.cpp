#include "csimdjson.h"

#include <simdjson.h>

// The first stage (`internal::dom_parser_implementation`) is no public interface of simdjson: a version that was not
// tried may divide it otherwise. Another major version does not build; the library at hand is tried below.
static_assert(simdjson::SIMDJSON_VERSION_MAJOR == 3, "netpolc was tried with simdjson 3 only: see docs/limits.md");

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

struct json_indexer {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  size_t capacity = 0;
};

namespace {

// Whether the first stage finds the tokens of a text that has all kinds of them, on both sides of blocks of 64 bytes,
// strings with brackets, colons, quotes and backslashes included. Compared with a plain walk over the same text.
bool finds_tokens() {
  std::string text;
  for (int i = 0; i < 9; i++)
    text += "{\"k\\\"{:\\\\\": [12, -3.5e1 , true,null,\"\\u00e9 ,]\", {}, [ ]]},\n ";
  text += "\"end\"";
  std::vector<uint32_t> expected;
  bool in_string = false, in_atom = false;
  for (size_t i = 0; i < text.size(); i++) {
    char byte = text[i];
    if (in_string) {
      if (byte == '\\') i++;
      else if (byte == '"') in_string = false;
      continue;
    }
    bool is_space = byte == ' ' || byte == '\n';
    bool is_mark = std::strchr("{}[]:,", byte) != nullptr;
    if (byte == '"' || is_mark || (!is_space && !in_atom)) expected.push_back(uint32_t(i));
    in_string = byte == '"';
    in_atom = !is_space && !is_mark && byte != '"';
  }
  json_indexer indexer;
  const uint32_t *tokens = nullptr;
  size_t count = 0;
  auto bytes = reinterpret_cast<const uint8_t *>(text.data());
  return json_indexer_run(&indexer, bytes, text.size(), &tokens, &count) == JSON_INDEX_DONE &&
         count == expected.size() && std::equal(expected.begin(), expected.end(), tokens);
}

}  // namespace

extern "C" json_indexer *json_indexer_create(void) {
  // Once in a process: the library that was loaded need not be the one that was built with.
  static const bool is_usable = finds_tokens();
  return is_usable ? new (std::nothrow) json_indexer() : nullptr;
}

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
