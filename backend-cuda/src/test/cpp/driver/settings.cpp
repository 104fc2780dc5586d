#include "settings.h"

#include <cstring>

namespace sim {

Settings settings;

long* setting(const char* name) {
  const struct {
    const char* name;
    long* value;
  } all[] = {
      {"check", &settings.check},
      {"order", &settings.order},
      {"async", &settings.async},
      {"seed", &settings.seed},
      {"poison", &settings.poison},
      {"memoryMb", &settings.memoryMb},
      {"capability", &settings.capability},
      {"multiprocessors", &settings.multiprocessors},
      {"devices", &settings.devices},
      {"computeMode", &settings.computeMode},
      {"driverVersion", &settings.driverVersion},
      {"initStatus", &settings.initStatus},
      {"failAllocation", &settings.failAllocation},
      {"failLaunch", &settings.failLaunch},
      {"refuse", &settings.refuse},
      {"refusals", &settings.refusals},
      {"lost", &settings.lost},
      {"log", &settings.log},
  };
  for (const auto& each : all) {
    if (!std::strcmp(each.name, name)) return each.value;
  }
  return nullptr;
}

static uint64_t state = 1;

void seedRandom(long seed) { state = static_cast<uint64_t>(seed) * 0x2545F4914F6CDD1Dull + 1; }

uint64_t nextRandom() {  // splitmix64
  uint64_t z = (state += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

}  // namespace sim
