#include "reference.h"

#include <arpa/inet.h>
#include <simdjson.h>
#include <malloc.h>
#include <time.h>
#include <yaml.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

struct Pod {
  std::string nameSpace, name, node, phase;
  std::vector<std::pair<std::string, std::string>> labels;
  std::vector<std::string> addresses;
  struct Port {
    std::string name, protocol;
    int64_t number;
  };
  std::vector<Port> ports;
  bool hostNetwork = false, deleting = false;
};

using namespace simdjson;

std::string own(ondemand::value value) { return std::string(std::string_view(value.get_string())); }

void readMetadata(ondemand::object metadata, Pod &pod) {
  for (auto field : metadata) {
    std::string_view key = field.unescaped_key();
    if (key == "name") {
      pod.name = own(field.value());
    } else if (key == "namespace") {
      pod.nameSpace = own(field.value());
    } else if (key == "deletionTimestamp") {
      pod.deleting = true;
    } else if (key == "labels") {
      for (auto label : field.value().get_object()) {
        std::string name(std::string_view(label.unescaped_key()));
        pod.labels.emplace_back(std::move(name), own(label.value()));
      }
    }
  }
}

void readSpec(ondemand::object spec, Pod &pod) {
  for (auto field : spec) {
    std::string_view key = field.unescaped_key();
    if (key == "nodeName") {
      pod.node = own(field.value());
    } else if (key == "hostNetwork") {
      pod.hostNetwork = field.value().get_bool();
    } else if (key == "containers") {
      for (auto container : field.value().get_array()) {
        for (auto member : container.get_object()) {
          if (std::string_view(member.unescaped_key()) != "ports") continue;
          for (auto entry : member.value().get_array()) {
            Pod::Port port{};
            for (auto part : entry.get_object()) {
              std::string_view name = part.unescaped_key();
              if (name == "name") port.name = own(part.value());
              if (name == "protocol") port.protocol = own(part.value());
              if (name == "containerPort") port.number = part.value().get_int64();
            }
            pod.ports.push_back(std::move(port));
          }
        }
      }
    }
  }
}

void readStatus(ondemand::object status, Pod &pod) {
  for (auto field : status) {
    std::string_view key = field.unescaped_key();
    if (key == "phase") {
      pod.phase = own(field.value());
    } else if (key == "podIPs") {
      for (auto entry : field.value().get_array())
        for (auto member : entry.get_object())
          if (std::string_view(member.unescaped_key()) == "ip") pod.addresses.push_back(own(member.value()));
    }
  }
}

}  // namespace

extern "C" bool reference_read_pods(const char *path, reference_counts *counts) {
  try {
    padded_string text = padded_string::load(path);
    ondemand::parser parser;
    ondemand::document document = parser.iterate(text);
    std::vector<Pod> pods;
    for (auto item : document["items"].get_array()) {
      Pod pod;
      for (auto field : item.get_object()) {
        std::string_view key = field.unescaped_key();
        if (key == "metadata")
          readMetadata(field.value().get_object(), pod);
        else if (key == "spec")
          readSpec(field.value().get_object(), pod);
        else if (key == "status")
          readStatus(field.value().get_object(), pod);
      }
      pods.push_back(std::move(pod));
    }
    *counts = {};
    counts->pods = pods.size();
    for (const Pod &pod : pods) {
      counts->labels += pod.labels.size();
      counts->addresses += pod.addresses.size();
      counts->ports += pod.ports.size();
    }
    return true;
  } catch (const simdjson_error &) {
    return false;
  }
}

extern "C" uint64_t reference_yaml_events(const uint8_t *bytes, size_t length) {
  yaml_parser_t parser;
  yaml_event_t event;
  if (!yaml_parser_initialize(&parser)) return 0;
  yaml_parser_set_input_string(&parser, bytes, length);
  uint64_t events = 0;
  bool done = false;
  while (!done) {
    if (!yaml_parser_parse(&parser, &event)) {
      events = 0;
      break;
    }
    events++;
    done = event.type == YAML_STREAM_END_EVENT;
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  return events;
}

extern "C" size_t reference_print_addresses(uint32_t first, size_t count) {
  std::string text;
  char buffer[INET_ADDRSTRLEN];
  for (size_t index = 0; index < count; index++) {
    in_addr address{htonl(first + uint32_t(index))};
    text += inet_ntop(AF_INET, &address, buffer, sizeof buffer);
    text += ",\n";
  }
  return text.size();
}

extern "C" uint64_t reference_thread_time(void) {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return uint64_t(now.tv_sec) * 1000000000u + uint64_t(now.tv_nsec);
}

extern "C" void reference_release_memory(void) { malloc_trim(0); }
