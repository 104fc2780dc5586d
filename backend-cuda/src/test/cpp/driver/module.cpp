#include "module.h"

#include <dlfcn.h>

#include <unordered_map>

#include "compiler.h"
#include "report.h"
#include "settings.h"

namespace sim {

static std::unordered_map<void*, const KernelInfo*>& kernels() {
  static std::unordered_map<void*, const KernelInfo*> all;
  return all;
}

Module::~Module() {
  for (const auto& each : functions) Handles<Function>::live().erase(each.second.get());
}

static std::string libraryOf(const void* address) {
  Dl_info info;
  return dladdr(address, &info) ? info.dli_fname : "";
}

/** A kernel asked for by a name expression such as scale<float>, registered as "@scale<float>". */
static const KernelInfo* byExpression(const std::string& path, const std::string& name) {
  for (const auto& each : kernels()) {
    if (each.second->name == "@" + name && libraryOf(each.second) == path) return each.second;
  }
  return nullptr;
}

Function* Module::function(const std::string& name) {
  auto found = functions.find(name);
  if (found != functions.end()) return found->second.get();
  auto registered = kernels().find(dlsym(library, name.c_str()));
  const KernelInfo* kernel = registered != kernels().end() ? registered->second : byExpression(path, name);
  if (!kernel) return nullptr;
  int staticShared = static_cast<int>(kernel->sharedEnd - kernel->sharedBegin);
  auto function = std::make_unique<Function>(Function{kernel, this, (48 << 10) - staticShared});
  Handles<Function>::live().insert(function.get());
  return (functions[name] = std::move(function)).get();
}

/** Whether the device runs it: text for any older architecture, a cubin for an older one of the same generation. */
static bool runsHere(const Source& source) {
  long major = source.architecture / 10, minor = source.architecture % 10, ours = settings.capability;
  return source.cubin ? major == ours / 10 && minor <= ours % 10 : source.architecture <= ours;
}

Module* loadModule(const char* image, std::string& problem, Status& status) {
  Source source;
  if (!readImage(image, source)) {
    problem = "the image is not from the simulated NVRTC";
    return nullptr;
  }
  if (!runsHere(source)) {
    status = NO_BINARY_FOR_GPU;
    problem = text("an image for %s_%d on a device of %ld", source.cubin ? "sm" : "compute", source.architecture, settings.capability);
    return nullptr;
  }
  std::string path = sharedObject(source, problem);
  if (path.empty()) return nullptr;
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);  // never closed: kernels stay known
  if (!library) {
    problem = dlerror();
    return nullptr;
  }
  log("module %s", path.c_str());
  return new Module{current, library, path, {}};
}

}  // namespace sim

/** Called by the constructors of a module's shared object. */
extern "C" SIM_EXPORT void simRegisterKernel(const sim::KernelInfo* kernel) { sim::kernels()[kernel->function] = kernel; }
