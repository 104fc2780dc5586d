// Modules and functions: shared objects made from the source that the fake NVRTC was given.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "block.h"
#include "stream.h"

namespace sim {

struct Module;

struct Function {
  const KernelInfo* kernel;
  Module* module;
  int maxDynamicShared;

  int staticShared() const { return static_cast<int>(kernel->sharedEnd - kernel->sharedBegin); }
};

struct Module {
  Context* context;
  void* library;
  std::string path;
  std::map<std::string, std::unique_ptr<Function>> functions;

  ~Module();
  /** Null if there is no kernel of that name. */
  Function* function(const std::string& name);
};

/** Builds or finds the shared object of an image and loads it; null, the reason and a status if that fails. */
Module* loadModule(const char* image, std::string& problem, Status& status);

}  // namespace sim
