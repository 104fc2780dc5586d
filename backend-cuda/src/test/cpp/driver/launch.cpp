#include "launch.h"

#include <sys/mman.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <numeric>

#include "checker.h"
#include "memory.h"
#include "report.h"
#include "settings.h"

namespace sim {

static const unsigned MAX_PARAMETER_BYTES = 32764;

// ---- checks at the call

int sharedMemoryLimit() {
  switch (settings.capability) {
    case 75: return 64 << 10;
    case 80: case 87: return 163 << 10;
    case 86: case 89: case 120: case 121: return 99 << 10;
    default: return 227 << 10;
  }
}

std::vector<size_t> parameterOffsets(const KernelInfo& kernel) {
  std::vector<size_t> offsets;
  size_t end = 0;
  for (int i = 0; i < kernel.parameters; i++) {
    end = (end + kernel.alignments[i] - 1) / kernel.alignments[i] * kernel.alignments[i];
    offsets.push_back(end);
    end += kernel.sizes[i];
  }
  offsets.push_back(end);
  return offsets;
}

static std::string badShape(const Function& function, Dim3 grid, Dim3 block, unsigned dynamicShared) {
  if (!grid.count() || !block.count()) return "an empty grid or block";
  if (grid.x > 2147483647u || grid.y > 65535 || grid.z > 65535) return "too large a grid";
  if (block.x > 1024 || block.y > 1024 || block.z > 64 || block.count() > MAX_THREADS) return "too many threads in a block";
  int bound = function.kernel->maxThreads;
  if (bound && block.count() > static_cast<size_t>(bound)) return text("more threads than __launch_bounds__(%d)", bound);
  if (dynamicShared > static_cast<unsigned>(function.maxDynamicShared)) {
    return text("%u bytes of dynamic shared memory, %d are permitted (see CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES)", dynamicShared,
                function.maxDynamicShared);
  }
  return "";
}

/** The packed arguments of the `extra` interface: pairs of a code and a value. */
static bool readExtra(void** extra, char*& buffer, size_t& size) {
  for (buffer = nullptr, size = 0; *extra; extra += 2) {
    if (extra[0] == reinterpret_cast<void*>(1)) buffer = static_cast<char*>(extra[1]);
    if (extra[0] == reinterpret_cast<void*>(2)) size = *static_cast<size_t*>(extra[1]);
  }
  return buffer != nullptr;
}

static std::string readArguments(Launch& launch, void** arguments, void** extra) {
  const KernelInfo& kernel = *launch.function->kernel;
  launch.offsets = parameterOffsets(kernel);
  size_t bytes = launch.offsets.back();
  if (bytes > MAX_PARAMETER_BYTES) return text("%zu bytes of parameters, %u are permitted", bytes, MAX_PARAMETER_BYTES);
  launch.buffer.resize(bytes);
  if (arguments) {
    for (int i = 0; i < kernel.parameters; i++) {
      if (!arguments[i]) return text("no argument %d of %d", i, kernel.parameters);
      std::memcpy(launch.buffer.data() + launch.offsets[i], arguments[i], kernel.sizes[i]);
    }
    return "";
  }
  if (!extra) return kernel.parameters ? "no arguments" : "";
  char* buffer;
  size_t size;
  if (!readExtra(extra, buffer, size)) return "no buffer of arguments";
  if (size != bytes) return text("%zu bytes of arguments, its parameters take %zu", size, bytes);
  std::memcpy(launch.buffer.data(), buffer, bytes);
  return "";
}

std::shared_ptr<Launch> makeLaunch(void* handle, Dim3 grid, Dim3 block, unsigned dynamicShared, void** arguments, void** extra, Status& status) {
  Function* function = Handles<Function>::get(handle);
  if (!function) {
    status = misuse(INVALID_HANDLE, "launch of something that is no function, or of an unloaded module");
    return nullptr;
  }
  auto launch = std::make_shared<Launch>(Launch{function, grid, block, dynamicShared, {}, {}});
  std::string problem = badShape(*function, grid, block, dynamicShared);
  if (problem.empty()) problem = readArguments(*launch, arguments, extra);
  if (problem.empty()) return launch;
  status = misuse(INVALID_VALUE, text("launch of %s with grid (%u,%u,%u) and block (%u,%u,%u): %s", function->kernel->name, grid.x, grid.y, grid.z,
                                      block.x, block.y, block.z, problem.c_str()));
  return nullptr;
}

// ---- faults: an illegal address in a kernel arrives as a signal

static uintptr_t faultAddress, faultCode;
static int faultSignal;
static struct sigaction previous[3];
static const int SIGNALS[] = {SIGSEGV, SIGBUS, SIGFPE};

static void onFault(int signal, siginfo_t* info, void* context) {
  uintptr_t address = reinterpret_cast<uintptr_t>(info->si_addr);
  if (block.inKernel && DeviceAccess::depth() > 0) {
    faultAddress = address;
    faultCode = static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP];
    faultSignal = signal;
    siglongjmp(block.stopped, 2);
  }
  if (signal == SIGSEGV && inArena(address)) misuse(ILLEGAL_ADDRESS, "host code touches device memory: " + describe(address));
  const struct sigaction& before = previous[signal == SIGSEGV ? 0 : signal == SIGBUS ? 1 : 2];
  if (before.sa_flags & SA_SIGINFO && before.sa_sigaction) return before.sa_sigaction(signal, info, context);
  if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) return before.sa_handler(signal);
  ::signal(signal, SIG_DFL);
}

void installFaultHandler() {
  struct sigaction action;
  std::memset(&action, 0, sizeof action);
  action.sa_sigaction = onFault;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  for (int i = 0; i < 3; i++) sigaction(SIGNALS[i], &action, &previous[i]);
}

static void explainFault() {
  bool division = faultSignal == SIGFPE;
  failure.status = division ? LAUNCH_FAILED : ILLEGAL_ADDRESS;
  failure.message = division ? "integer division by zero in " + thisThread() : "illegal address in " + thisThread() + ": " + describe(faultAddress);
  failure.code = faultCode;
  failure.otherCode = 0;
}

// ---- running

/** Dynamic shared memory that ends at a closed page. */
static char* sharedBuffer(unsigned size) {
  static char* buffer = nullptr;
  static size_t room = 0;
  if (size > room) {
    room = (size + PAGE - 1) / PAGE * PAGE;
    buffer = static_cast<char*>(mmap(nullptr, room + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(buffer + room, PAGE, PROT_NONE);
  }
  return buffer + room - (size + 15) / 16 * 16;
}

static std::vector<uint32_t> blockOrder(size_t count) {
  std::vector<uint32_t> order;
  if (settings.orderOf() == Order::NATURAL) return order;
  order.resize(count);
  std::iota(order.begin(), order.end(), 0);
  if (settings.orderOf() == Order::REVERSE) std::reverse(order.begin(), order.end());
  if (settings.orderOf() == Order::RANDOM) {
    for (size_t i = count - 1; i > 0; i--) std::swap(order[i], order[nextRandom() % (i + 1)]);
  }
  return order;
}

static void runBlocks(const Launch& launch, char* shared, const std::vector<uint32_t>& order) {
  const KernelInfo& kernel = *launch.function->kernel;
  for (size_t i = 0; i < launch.grid.count(); i++) {
    size_t number = order.empty() ? i : order[i];
    block.number = static_cast<uint32_t>(number);
    simKernelContext.block = {static_cast<unsigned>(number % launch.grid.x), static_cast<unsigned>(number / launch.grid.x % launch.grid.y),
                              static_cast<unsigned>(number / launch.grid.x / launch.grid.y)};
    if (settings.poison) {
      if (kernel.sharedEnd > kernel.sharedBegin) std::memset(kernel.sharedBegin, 0xFF, kernel.sharedEnd - kernel.sharedBegin);
      if (launch.dynamicShared) std::memset(shared, 0xFF, launch.dynamicShared);
    }
    beginBlockCheck();
    runBlock();
  }
}

static void runLaunch(const Launch& launch) {
  if (settings.failLaunch > 0 && --settings.failLaunch == 0) {
    return fail(ILLEGAL_ADDRESS, text("injected fault in kernel %s", launch.function->kernel->name));
  }
  Launch copy = launch;  // a kernel may change its arguments
  std::vector<void*> arguments;
  for (int i = 0; i < launch.function->kernel->parameters; i++) arguments.push_back(copy.buffer.data() + copy.offsets[i]);
  char* shared = sharedBuffer(launch.dynamicShared);
  std::vector<uint32_t> order = blockOrder(launch.grid.count());
  block.kernel = launch.function->kernel;
  block.arguments = arguments.data();
  block.launch++;
  simKernelContext.blockDim = launch.block;
  simKernelContext.grid = launch.grid;
  simKernelContext.dynamicShared = shared;
  prepareThreads(launch.block);
  beginLaunchCheck(shared, launch.dynamicShared);
  running()->launches++;
  int depth = DeviceAccess::depth();
  int stopped = sigsetjmp(block.stopped, 1);
  if (stopped == 0) {
    block.inKernel = true;
    runBlocks(launch, shared, order);
    block.inKernel = false;
    return;
  }
  block.inKernel = false;
  DeviceAccess::restore(depth);
  if (stopped == 2) explainFault();
  giveAllFibers();
  fail(failure.status, failure.message + sourceLines(failure.code, failure.otherCode));
}

Task kernelTask(std::shared_ptr<const Launch> launch) {
  return {NODE_KERNEL, std::string("kernel ") + launch->function->kernel->name, [launch] { runLaunch(*launch); }, launch};
}

}  // namespace sim
