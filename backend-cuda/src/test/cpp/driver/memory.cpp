#include "memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "checker.h"
#include "report.h"
#include "settings.h"
#include "stream.h"

namespace sim {

static const size_t ALIGNMENT = 256;
static const unsigned char PADDING = 0xC5;
static const unsigned char POISON = 0xFF;
static const int NEWEST = 64;       // allocations whose paddings are looked at whenever the host waits
static const size_t REMEMBERED = 20000;

static std::map<uintptr_t, Allocation> allocations;  // by mapping; released ones stay a while, for messages
static std::map<uintptr_t, size_t> pinned, globals;
static size_t next = PAGE;
static size_t used[8];
static int allocated = 0;

// ---- protection: with protection keys the host faults on device memory, while a kernel of the same thread may touch it

static int key = -1;
static thread_local int accessDepth = 0;

static void reserve() {
  static bool done = false;
  if (done) return;
  done = true;
  mmap(reinterpret_cast<void*>(ARENA_BEGIN), ARENA_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  key = pkey_alloc(0, PKEY_DISABLE_ACCESS);
  log("protection key %d", key);
}

static bool open(uintptr_t begin, size_t size) {
  void* address = reinterpret_cast<void*>(begin);
  int access = PROT_READ | PROT_WRITE;
  return (key >= 0 ? pkey_mprotect(address, size, access, key) : mprotect(address, size, access)) == 0;
}

static void close(uintptr_t begin, size_t size) {
  void* address = reinterpret_cast<void*>(begin);
  madvise(address, size, MADV_DONTNEED);
  if (key >= 0) {
    pkey_mprotect(address, size, PROT_NONE, 0);  // key 0 again, so that the kernel merges it with its neighbours
  } else {
    mprotect(address, size, PROT_NONE);
  }
}

static void permit(bool yes) {
  if (key >= 0) pkey_set(key, yes ? 0 : PKEY_DISABLE_ACCESS);
}

DeviceAccess::DeviceAccess() {
  if (accessDepth++ == 0) permit(true);
}
DeviceAccess::~DeviceAccess() {
  if (--accessDepth == 0) permit(false);
}
int DeviceAccess::depth() { return accessDepth; }
void DeviceAccess::restore(int depth) {
  accessDepth = depth;
  permit(depth > 0);
}

// ---- allocation

static size_t roundUp(size_t size, size_t unit) { return (size + unit - 1) / unit * unit; }

Allocation* allocate(int device, size_t size) {
  reserve();
  size_t room = roundUp(size, ALIGNMENT);
  size_t mapped = roundUp(room, PAGE);
  if (used[device] + mapped > static_cast<size_t>(settings.memoryMb) << 20 || next + mapped + PAGE > ARENA_SIZE) return nullptr;
  uintptr_t mapping = ARENA_BEGIN + next;
  if (!open(mapping, mapped)) return nullptr;
  next += mapped + PAGE;  // the page between stays closed
  used[device] += mapped;
  uintptr_t begin = mapping + mapped - room;
  Allocation allocation{begin, size, mapping, mapped, ++allocated, device, false, false};
  if (settings.poison) {
    DeviceAccess access;
    std::memset(reinterpret_cast<void*>(mapping), PADDING, begin - mapping);
    std::memset(reinterpret_cast<void*>(begin), POISON, size);
    std::memset(reinterpret_cast<void*>(begin + size), PADDING, room - size);
  }
  while (allocations.size() > REMEMBERED && allocations.begin()->second.released) allocations.erase(allocations.begin());
  return &(allocations[mapping] = allocation);
}

void release(Allocation* allocation) {
  if (allocation->released) return;
  allocation->released = allocation->returned = true;
  used[allocation->device] -= allocation->mapped;
  forgetShadow(allocation->mapping, allocation->mapped);
  close(allocation->mapping, allocation->mapped);
}

int releaseAll(int device) {
  int count = 0;
  for (auto& each : allocations) {
    if (each.second.device == device && !each.second.released) {
      release(&each.second);
      count++;
    }
  }
  return count;
}

Allocation* allocationAt(uintptr_t address) {
  auto after = allocations.upper_bound(address);
  if (after == allocations.begin()) return nullptr;
  Allocation& found = std::prev(after)->second;
  return address < found.mapping + found.mapped ? &found : nullptr;
}

Allocation* allocationOf(DevicePointer begin) {
  Allocation* found = allocationAt(begin);
  return found && found->begin == begin && !found->returned ? found : nullptr;
}

void eachLiveAllocation(const std::function<void(const Allocation&)>& visit) {
  for (const auto& each : allocations) {
    if (!each.second.released) visit(each.second);
  }
}

size_t totalMemory() { return static_cast<size_t>(settings.memoryMb) << 20; }
size_t usedMemory(int device) { return used[device]; }

int liveAllocations(int device) {
  return static_cast<int>(std::count_if(allocations.begin(), allocations.end(),
                                        [device](const auto& each) { return each.second.device == device && !each.second.released; }));
}

// ---- writes beside an allocation

/** The distance from the allocation of a foreign byte in [begin, end), which is then set right; -1 if there is none. */
static long foreignByte(uintptr_t begin, uintptr_t end, const Allocation& allocation) {
  long distance = -1;
  for (uintptr_t at = begin; at < end; at++) {
    unsigned char& byte = *reinterpret_cast<unsigned char*>(at);
    if (byte == PADDING) continue;
    byte = PADDING;
    if (distance < 0) distance = at < allocation.begin ? allocation.begin - at : at - allocation.begin - allocation.size;
  }
  return distance;
}

static void checkPadding(const Allocation& allocation) {
  DeviceAccess access;
  uintptr_t end = allocation.begin + allocation.size;
  long before = foreignByte(std::max(allocation.mapping, allocation.begin - 256), allocation.begin, allocation);
  long after = foreignByte(end, allocation.mapping + allocation.mapped, allocation);
  if (before < 0 && after < 0) return;
  contextOf(allocation.device)->fail(LAUNCH_FAILED, text("out-of-bounds write %ld bytes %s allocation #%d of %zu bytes, noticed later",
                                                          before >= 0 ? before : after, before >= 0 ? "before" : "past the end of",
                                                          allocation.number, allocation.size));
}

void checkPadding(bool all) {
  if (!settings.poison) return;
  int left = all ? static_cast<int>(allocations.size()) : NEWEST;
  for (auto each = allocations.rbegin(); each != allocations.rend() && left > 0; ++each, left--) {
    if (!each->second.released) checkPadding(each->second);
  }
}

// ---- addresses in words

static bool inside(const std::map<uintptr_t, size_t>& ranges, uintptr_t address) {
  auto after = ranges.upper_bound(address);
  return after != ranges.begin() && address < std::prev(after)->first + std::prev(after)->second;
}

std::string describe(uintptr_t address) {
  unsigned long long shown = address;
  const Allocation* nearest = nullptr;
  auto distance = [address](const Allocation& a) {
    return address < a.begin ? a.begin - address : address >= a.begin + a.size ? address - a.begin - a.size + 1 : 0;
  };
  for (const auto& each : allocations) {
    if (distance(each.second) < 64 * PAGE && (!nearest || distance(each.second) < distance(*nearest))) nearest = &each.second;
  }
  if (address < PAGE) return text("0x%llx (a null pointer)", shown);
  if (!nearest) return text(inArena(address) ? "0x%llx (no allocation near)" : "0x%llx (not a device address)", shown);
  const char* freed = nearest->released || nearest->returned ? ", which is freed" : "";
  if (address < nearest->begin) {
    return text("0x%llx, %zu bytes before allocation #%d of %zu bytes%s", shown, distance(*nearest), nearest->number, nearest->size, freed);
  }
  if (address >= nearest->begin + nearest->size) {
    return text("0x%llx, %zu bytes past the end of allocation #%d of %zu bytes%s", shown, distance(*nearest) - 1, nearest->number,
                nearest->size, freed);
  }
  return text("0x%llx, byte %zu of allocation #%d of %zu bytes%s", shown, address - nearest->begin, nearest->number, nearest->size, freed);
}

bool isDeviceAddress(const void* pointer) {
  uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
  return inArena(address) || inside(globals, address);
}

std::string rangeError(const void* pointer, size_t size) {
  uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
  if (size == 0 || inside(globals, address)) return "";
  Allocation* found = inArena(address) ? allocationAt(address) : nullptr;
  if (!found || found->released || address < found->begin || address >= found->begin + found->size) return describe(address);
  if (address + size <= found->begin + found->size) return "";
  return text("%zu bytes from byte %zu on overrun allocation #%d of %zu bytes", size, address - found->begin, found->number, found->size);
}

void addGlobal(uintptr_t begin, size_t size) { globals[begin] = size; }

// ---- pinned host memory

void* allocatePinned(size_t size) {
  void* begin = mmap(nullptr, roundUp(size, PAGE), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (begin == MAP_FAILED) return nullptr;
  if (settings.poison) std::memset(begin, 0xFE, size);
  pinned[reinterpret_cast<uintptr_t>(begin)] = size;
  return begin;
}

bool freePinned(void* begin) {
  auto found = pinned.find(reinterpret_cast<uintptr_t>(begin));
  if (found == pinned.end()) return false;
  munmap(begin, roundUp(found->second, PAGE));
  pinned.erase(found);
  return true;
}

void registerPinned(void* begin, size_t size) { pinned[reinterpret_cast<uintptr_t>(begin)] = size; }
bool unregisterPinned(void* begin) { return pinned.erase(reinterpret_cast<uintptr_t>(begin)) > 0; }
bool isPinned(const void* address) { return inside(pinned, reinterpret_cast<uintptr_t>(address)); }

}  // namespace sim
