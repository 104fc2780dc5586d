// CUDA C to a shared object of this machine: g++ with the headers in device/, cached by content.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "abi.h"

namespace sim {

/** A program as NVRTC got it; what it calls PTX or cubin is this, written down, so that images outlive a cache and a mode. */
struct Source {
  std::string name, text;
  std::vector<std::string> flags;                             // for g++
  std::vector<std::pair<std::string, std::string>> headers;   // name and text
  std::vector<std::string> expressions;                       // instantiations asked for by name
  int architecture = 75;
  bool cubin = false;                                         // for that architecture only
};

SIM_EXPORT std::string writeImage(const Source& source);
bool readImage(const char* image, Source& source);

/** The path of the shared object, checked or not as the setting says; empty and a log with the source's line numbers if it does not compile. */
SIM_EXPORT std::string sharedObject(const Source& source, std::string& log);

/** Where this library lies: beside it the device headers and the cache. */
std::string ownFolder();

}  // namespace sim
