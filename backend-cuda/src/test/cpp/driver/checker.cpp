#include "checker.h"

#include <dlfcn.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "block.h"
#include "memory.h"
#include "report.h"
#include "settings.h"

namespace sim {

enum class Kind { READ, VOLATILE_READ, WRITE, ATOMIC };

/** The last access of its kind to a word. */
struct Access {
  uint32_t launch, block, time;
  int32_t code;  // relative to the kernel
  uint16_t thread;
  uint8_t bytes;    // of the four; of reads, those since the block's last barrier
  bool atomic;      // of writes
  bool many;        // of reads: other threads of the block have read too, since its last barrier
  uint8_t twice;    // of reads: the bytes that more than one of them has read
  uint8_t earlier;  // of reads: the bytes that the block has read before
  uint8_t others;   // of reads: the bytes that blocks before it have read
};

struct Word {
  Access write, read;
  uint8_t initialised;  // bytes
};

static Word* shadow = nullptr;  // of the arena
static Word staticWords[(48 << 10) / 4], dynamicWords[(228 << 10) / 4];
static uintptr_t dynamicBegin;
static size_t dynamicSize;

static Word* shadowOf(uintptr_t address) {
  if (!shadow) {
    size_t size = ARENA_SIZE / 4 * sizeof(Word);
    void* mapping = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED) {
      std::fprintf(stderr, "cuda simulator: no memory for the checking mode\n");
      std::abort();
    }
    shadow = static_cast<Word*>(mapping);
  }
  return shadow + (address - ARENA_BEGIN) / 4;
}

// ---- what is initialised

static uint8_t byteMask(uintptr_t word, uintptr_t begin, uintptr_t end) {
  uint8_t mask = 0;
  for (int i = 0; i < 4; i++) {
    if (word * 4 + i >= begin && word * 4 + i < end) mask |= 1 << i;
  }
  return mask;
}

template <class Visit>
static void eachWord(const void* pointer, size_t size, Visit visit) {
  uintptr_t begin = reinterpret_cast<uintptr_t>(pointer), end = begin + size;
  if (!settings.check || size == 0 || !inArena(begin)) return;
  for (uintptr_t word = begin / 4; word <= (end - 1) / 4; word++) {
    uint8_t mask = word * 4 >= begin && word * 4 + 4 <= end ? 0xF : byteMask(word, begin, end);
    if (!visit(*shadowOf(word * 4), mask, word * 4)) return;
  }
}

void markInitialised(const void* begin, size_t size) {
  eachWord(begin, size, [](Word& word, uint8_t mask, uintptr_t) {
    word.initialised |= mask;
    return true;
  });
}

const void* firstUninitialised(const void* begin, size_t size) {
  const void* found = nullptr;
  eachWord(begin, size, [&found](const Word& word, uint8_t mask, uintptr_t address) {
    uint8_t missing = mask & ~word.initialised;
    if (missing) found = reinterpret_cast<const void*>(address + __builtin_ctz(missing));
    return !missing;
  });
  return found;
}

void copyInitialised(const void* destination, const void* source, size_t size) {
  if (!settings.check) return;
  uintptr_t to = reinterpret_cast<uintptr_t>(destination), from = reinterpret_cast<uintptr_t>(source);
  if (to % 4 || from % 4 || size % 4 || !inArena(from)) return markInitialised(destination, size);  // bytes: good enough
  for (size_t i = 0; i < size; i += 4) shadowOf(to + i)->initialised = shadowOf(from + i)->initialised;
}

void forgetShadow(uintptr_t begin, size_t size) {
  if (shadow) madvise(reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(shadowOf(begin)) & ~4095ull), size / 4 * sizeof(Word), MADV_DONTNEED);
}

void trustAllMemory() {
  eachLiveAllocation([](const Allocation& each) { markInitialised(reinterpret_cast<void*>(each.begin), each.size); });
}

// ---- order between blocks: a fence and an atomic in one block, then an atomic on the same address in another

static std::unordered_map<uintptr_t, std::vector<uint32_t>> released;
static std::unordered_set<uint32_t> acquired;
static bool fenced;

void beginLaunchCheck(const char* begin, size_t size) {
  dynamicBegin = reinterpret_cast<uintptr_t>(begin);
  dynamicSize = size;
  released.clear();
}

void beginBlockCheck() {
  acquired.clear();
  fenced = false;
}

static void synchroniseThrough(uintptr_t address) {
  std::vector<uint32_t>& blocks = released[address];
  acquired.insert(blocks.begin(), blocks.end());
  if (fenced && (blocks.empty() || blocks.back() != block.number)) blocks.push_back(block.number);
}

// ---- the check of one access

struct Request {
  uintptr_t address;
  int size;
  Kind kind;
  uintptr_t code;
  bool shared;
};

static bool isRead(Kind kind) { return kind == Kind::READ || kind == Kind::VOLATILE_READ; }
static bool thisLaunch(const Access& access) { return access.launch == block.launch; }

/** Whether nothing orders that access before the running thread. */
static bool unordered(const Access& access, bool shared) {
  if (access.block != block.number) return !shared && !acquired.count(access.block);
  if (access.thread == block.current) return false;
  bool sameWarp = access.thread / 32 == block.current / 32;
  return access.time >= (sameWarp ? std::max(block.barrierTime, block.warpTime[block.current / 32]) : block.barrierTime);
}

[[noreturn]] static void reportRace(const char* what, const Request& request, const Access& other) {
  uintptr_t otherCode = reinterpret_cast<uintptr_t>(block.kernel->function) + other.code;
  stopKernel(LAUNCH_FAILED,
             text("data race (%s) on %s memory at %s: %s, with thread #%u of block #%u", what, request.shared ? "shared" : "global",
                  request.shared ? text("0x%zx", request.address).c_str() : describe(request.address).c_str(), thisThread().c_str(), other.thread,
                  other.block),
             request.code, otherCode);
}

static void remember(Access& access, const Request& request, uint8_t bytes) {
  access.launch = block.launch;
  access.block = block.number;
  access.time = block.time;
  access.thread = static_cast<uint16_t>(block.current);
  access.bytes = bytes;
  access.code = static_cast<int32_t>(request.code - reinterpret_cast<uintptr_t>(block.kernel->function));
}

/** Parts of a word that one thread each has read, such as neighbouring half numbers, may be written: it is mostly the one that has read them. */
static bool readersUnordered(const Access& read, const Request& request, uint8_t bytes) {
  if (read.others & bytes && !request.shared && acquired.empty()) return true;
  if (read.block != block.number) return (read.bytes | read.earlier) & bytes && unordered(read, request.shared);
  if (!(read.bytes & bytes)) return false;
  if (read.many) return read.time >= block.barrierTime && (request.size >= 4 || read.twice & bytes);
  return unordered(read, request.shared);
}

static void checkWrite(Word& word, const Request& request, uint8_t bytes) {
  bool atomic = request.kind == Kind::ATOMIC;
  bool overlaps = thisLaunch(word.write) && word.write.bytes & bytes;
  if (overlaps && !(atomic && word.write.atomic) && unordered(word.write, request.shared)) reportRace("write after write", request, word.write);
  if (thisLaunch(word.read) && !atomic && readersUnordered(word.read, request, bytes)) {
    reportRace("write after read", request, word.read);
  }
  bool grows = thisLaunch(word.write) && word.write.block == block.number && word.write.thread == block.current;
  remember(word.write, request, grows ? word.write.bytes | bytes : bytes);
  word.write.atomic = atomic;
}

static void checkRead(Word& word, const Request& request, uint8_t bytes) {
  bool flag = request.kind == Kind::VOLATILE_READ && word.write.atomic;  // a volatile read may look at what atomics change
  if (thisLaunch(word.write) && word.write.bytes & bytes && !flag && unordered(word.write, request.shared)) reportRace("read after write", request, word.write);
  Access last = word.read;
  bool sameLaunch = thisLaunch(last), sameBlock = sameLaunch && last.block == block.number;
  bool sinceBarrier = sameBlock && last.time >= block.barrierTime, sameThread = last.thread == block.current;
  remember(word.read, request, sinceBarrier ? last.bytes | bytes : bytes);
  word.read.many = sinceBarrier && (last.many || !sameThread);
  word.read.twice = !sinceBarrier ? 0 : sameThread ? last.twice : last.twice | (last.bytes & bytes);
  word.read.earlier = !sameBlock ? 0 : sinceBarrier ? last.earlier : last.earlier | last.bytes;
  word.read.others = !sameLaunch ? 0 : sameBlock ? last.others : last.others | last.earlier | last.bytes;
}

static void checkWord(Word& word, const Request& request, uint8_t bytes) {
  bool fresh = request.shared && !(thisLaunch(word.write) && word.write.block == block.number);
  uint8_t initialised = fresh ? 0 : word.initialised;
  if (request.kind != Kind::WRITE && bytes & ~initialised) {
    stopKernel(LAUNCH_FAILED,
               text("read of uninitialised %s memory at %s by %s", request.shared ? "shared" : "global",
                    request.shared ? text("0x%zx", request.address).c_str() : describe(request.address).c_str(), thisThread().c_str()),
               request.code);
  }
  if (isRead(request.kind)) {
    checkRead(word, request, bytes);
  } else {
    checkWrite(word, request, bytes);
    word.initialised = initialised | bytes;
  }
}

static void checkBounds(const Request& request) {
  static const Allocation* last = nullptr;
  auto inside = [&request](const Allocation* a) {
    return a && !a->released && request.address >= a->begin && request.address + request.size <= a->begin + a->size;
  };
  if (!inside(last)) last = allocationAt(request.address);
  const char* verb = isRead(request.kind) ? "read" : "write";
  if (!inside(last)) {
    stopKernel(ILLEGAL_ADDRESS, text("%s of %d bytes at %s by %s", verb, request.size, describe(request.address).c_str(), thisThread().c_str()), request.code);
  }
  if (request.size <= 16 && request.address % request.size) {
    stopKernel(MISALIGNED_ADDRESS, text("misaligned %s of %d bytes at %s by %s", verb, request.size, describe(request.address).c_str(), thisThread().c_str()),
               request.code);
  }
}

/** Variables of the module and page-locked memory are left alone; anything else is memory of the host. */
static void checkModuleVariable(const Request& request) {
  if (isPinned(reinterpret_cast<void*>(request.address))) return;
  static uintptr_t knownPage = 0;
  if (request.address >> 12 == knownPage) return;
  Dl_info info;
  if (!dladdr(reinterpret_cast<void*>(request.address), &info)) {
    stopKernel(ILLEGAL_ADDRESS, text("access through a host pointer, %s, by %s", describe(request.address).c_str(), thisThread().c_str()), request.code);
  }
  knownPage = request.address >> 12;
}

static void check(Request request) {
  if (!block.inKernel || currentFiber()->owns(request.address)) return;
  if (request.address - reinterpret_cast<uintptr_t>(&simKernelContext) < sizeof simKernelContext) return;
  Word* words;
  size_t staticSize = block.kernel->sharedEnd - block.kernel->sharedBegin;
  size_t inStatic = request.address - reinterpret_cast<uintptr_t>(block.kernel->sharedBegin), inDynamic = request.address - dynamicBegin;
  if (inArena(request.address)) {
    checkBounds(request);
    words = shadowOf(request.address);
  } else if (inStatic < staticSize) {
    request.shared = true;
    words = staticWords + inStatic / 4;
  } else if (inDynamic < dynamicSize) {
    request.shared = true;
    words = dynamicWords + inDynamic / 4;
  } else {
    return checkModuleVariable(request);
  }
  if (request.kind == Kind::ATOMIC) synchroniseThrough(request.address);
  if (request.size >= 4) {
    for (int i = 0; i < request.size; i += 4) checkWord(words[i / 4], request, 0xF);
  } else {
    checkWord(*words, request, ((1 << request.size) - 1) << request.address % 4);
  }
}

// ---- lines

static std::string lineOf(uintptr_t code) {
  Dl_info info;
  if (!code || !dladdr(reinterpret_cast<void*>(code), &info)) return "";
  uintptr_t offset = code - 1 - reinterpret_cast<uintptr_t>(info.dli_fbase);  // a return address: back into the call
  std::FILE* pipe = popen(text("addr2line -e '%s' 0x%zx 2>/dev/null", info.dli_fname, offset).c_str(), "r");
  char answer[300] = "";
  if (!pipe) return "";
  if (!std::fgets(answer, sizeof answer, pipe)) answer[0] = 0;
  pclose(pipe);
  std::string result = answer;
  result = result.substr(0, result.find_first_of(" \n"));
  result = result.substr(result.rfind('/') + 1);
  return result.find('?') == std::string::npos ? result : "";
}

std::string sourceLines(uintptr_t code, uintptr_t otherCode) {
  std::string here = lineOf(code), there = lineOf(otherCode);
  if (here.empty()) return "";
  return there.empty() ? " (" + here + ")" : " (" + here + ", the other access at " + there + ")";
}

}  // namespace sim

// ---- hooks that g++ puts into checked kernels

using namespace sim;

#define HOOK extern "C" SIM_EXPORT void
#define CHECK(size, kind) check({reinterpret_cast<uintptr_t>(address), static_cast<int>(size), kind, reinterpret_cast<uintptr_t>(__builtin_return_address(0)), false})
#define HOOKS_OF_SIZE(size)                                                              \
  HOOK __tsan_read##size(void* address) { CHECK(size, Kind::READ); }                     \
  HOOK __tsan_write##size(void* address) { CHECK(size, Kind::WRITE); }                   \
  HOOK __tsan_unaligned_read##size(void* address) { CHECK(size, Kind::READ); }           \
  HOOK __tsan_unaligned_write##size(void* address) { CHECK(size, Kind::WRITE); }         \
  HOOK __tsan_volatile_read##size(void* address) { CHECK(size, Kind::VOLATILE_READ); }   \
  HOOK __tsan_volatile_write##size(void* address) { CHECK(size, Kind::WRITE); }          \
  HOOK __tsan_read_write##size(void* address) { CHECK(size, Kind::READ); CHECK(size, Kind::WRITE); }
HOOKS_OF_SIZE(1)
HOOKS_OF_SIZE(2)
HOOKS_OF_SIZE(4)
HOOKS_OF_SIZE(8)
HOOKS_OF_SIZE(16)
HOOK __tsan_read_range(void* address, size_t size) { CHECK(size, Kind::READ); }
HOOK __tsan_write_range(void* address, size_t size) { CHECK(size, Kind::WRITE); }
HOOK __tsan_init() {}
HOOK __tsan_func_entry(void*) {}
HOOK __tsan_func_exit() {}

/** Called by the atomics of device/atomics.h. */
HOOK simAtomic(void* address, int size) {
  if (settings.check) CHECK(size, Kind::ATOMIC);
}
HOOK simFence() { fenced = true; }

struct UbsanLocation {
  const char* file;
  uint32_t line, column;
};

static std::string place(const void* data) {
  const UbsanLocation* location = static_cast<const UbsanLocation*>(data);
  return text(" (%s:%u)", location->file, location->line);
}

HOOK __ubsan_handle_type_mismatch_v1(void* data, uintptr_t address) {
  if (!block.inKernel) return;
  bool null = address < 4096;
  stopKernel(null ? ILLEGAL_ADDRESS : MISALIGNED_ADDRESS,
             text("%s access at %s by %s%s", null ? "null" : "misaligned", describe(address).c_str(), thisThread().c_str(), place(data).c_str()));
}

HOOK __ubsan_handle_out_of_bounds(void* data, uintptr_t index) {
  if (!block.inKernel) return;
  stopKernel(ILLEGAL_ADDRESS, text("array index %lld out of bounds by %s%s", static_cast<long long>(index), thisThread().c_str(), place(data).c_str()));
}
