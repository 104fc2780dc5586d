// The simulated NVRTC: checks options as the real one does and hands the source to the driver's compiler.
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "driver/compiler.h"
#include "driver/settings.h"

namespace {

enum Result : int {
  SUCCESS = 0,
  INVALID_INPUT = 3,
  INVALID_PROGRAM = 4,
  INVALID_OPTION = 5,
  COMPILATION = 6,
  BUILTIN_OPERATION_FAILURE = 7,
  NO_LOWERED_NAMES_BEFORE_COMPILATION = 9,
  NAME_EXPRESSION_NOT_VALID = 10,
};

const char* const NAMES[] = {"NVRTC_SUCCESS", "NVRTC_ERROR_OUT_OF_MEMORY", "NVRTC_ERROR_PROGRAM_CREATION_FAILURE", "NVRTC_ERROR_INVALID_INPUT",
                             "NVRTC_ERROR_INVALID_PROGRAM", "NVRTC_ERROR_INVALID_OPTION", "NVRTC_ERROR_COMPILATION",
                             "NVRTC_ERROR_BUILTIN_OPERATION_FAILURE", "NVRTC_ERROR_NO_NAME_EXPRESSIONS_AFTER_COMPILATION",
                             "NVRTC_ERROR_NO_LOWERED_NAMES_BEFORE_COMPILATION", "NVRTC_ERROR_NAME_EXPRESSION_NOT_VALID", "NVRTC_ERROR_INTERNAL_ERROR"};

const int ARCHITECTURES[] = {75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121};

struct Program {
  sim::Source source;
  std::string log, image;
  bool compiled = false;
};

// ---- options

const std::set<std::string> FLAGS = {"--use_fast_math", "-use_fast_math", "--default-device", "-default-device", "--device-as-default-execution-space",
                                     "--generate-line-info", "-lineinfo", "--device-debug", "-G", "--disable-warnings", "-w", "--restrict", "-restrict",
                                     "--extra-device-vectorization", "-extra-device-vectorization", "--minimal", "-minimal", "--no-cache", "-no-cache"};
const std::set<std::string> VALUES = {"--gpu-architecture", "-arch", "--std", "-std", "--fmad", "-fmad", "--ftz", "-ftz", "--prec-div", "-prec-div",
                                      "--prec-sqrt", "-prec-sqrt", "--define-macro", "-D", "--undefine-macro", "-U", "--maxrregcount", "-maxrregcount",
                                      "--ptxas-options", "-Xptxas", "--diag-suppress", "-diag-suppress", "--relocatable-device-code", "-rdc",
                                      "--split-compile", "-split-compile", "--device-int128", "-device-int128"};

/** One option that takes a value, written "name=value", "name value" or "-Dvalue"; false if it is none. */
bool splitOption(const std::vector<std::string>& options, size_t& at, std::string& name, std::string& value) {
  const std::string& option = options[at];
  size_t equals = option.find('=');
  name = option.substr(0, equals);
  if (option.compare(0, 2, "-D") == 0 || option.compare(0, 2, "-U") == 0) {
    name = option.substr(0, 2);
    value = option.substr(2);
    if (value.empty() && at + 1 < options.size()) value = options[++at];
    return true;
  }
  if (!VALUES.count(name)) return false;
  if (equals != std::string::npos) {
    value = option.substr(equals + 1);
  } else if (at + 1 < options.size()) {
    value = options[++at];
  } else {
    return false;
  }
  return true;
}

bool knownArchitecture(const std::string& value, int& architecture) {
  size_t underscore = value.find('_');
  architecture = underscore == std::string::npos ? 0 : std::atoi(value.c_str() + underscore + 1);
  for (int each : ARCHITECTURES) {
    if (each == architecture) return true;
  }
  return false;
}

/** Fills the flags for g++; false and a log if NVRTC would refuse an option. */
bool translateOptions(const std::vector<std::string>& options, Program& program) {
  int& architecture = program.source.architecture;
  std::string standard = "c++17", contraction = "true", name, value;
  std::vector<std::string>& flags = program.source.flags;
  flags.clear();
  for (size_t at = 0; at < options.size(); at++) {
    if (FLAGS.count(options[at])) continue;
    if (!splitOption(options, at, name, value)) {
      program.log = "nvrtc: error: unrecognized option " + options[at] + " found\n";
      return false;
    }
    if (name == "--gpu-architecture" || name == "-arch") {
      program.source.cubin = value.compare(0, 3, "sm_") == 0;
      if (!knownArchitecture(value, architecture)) {
        program.log = "nvrtc: error: invalid value for --gpu-architecture (-arch)\n";
        return false;
      }
    }
    if (name == "--std" || name == "-std") standard = value;
    if (name == "--fmad" || name == "-fmad") contraction = value;
    if (name == "--define-macro" || name == "-D") flags.push_back("-D" + value);
    if (name == "--undefine-macro" || name == "-U") flags.push_back("-U" + value);
  }
  flags.push_back("-std=" + standard);
  flags.push_back(contraction == "false" ? "-ffp-contract=off" : "-ffp-contract=fast");
  if (contraction != "false") flags.insert(flags.end(), {"-O1", "-fexpensive-optimizations"});  // without these g++ does not contract
  flags.push_back("-D__CUDA_ARCH__=" + std::to_string(architecture * 10));
  return true;
}

}  // namespace

#define API extern "C" __attribute__((visibility("default"))) Result

extern "C" __attribute__((visibility("default"))) const char* nvrtcGetErrorString(int result) {
  return result >= 0 && result <= 11 ? NAMES[result] : "NVRTC_ERROR unknown";
}

API nvrtcVersion(int* major, int* minor) {
  *major = 13;
  *minor = 1;
  return SUCCESS;
}

API nvrtcGetNumSupportedArchs(int* count) {
  *count = sizeof ARCHITECTURES / sizeof *ARCHITECTURES;
  return SUCCESS;
}

API nvrtcGetSupportedArchs(int* architectures) {
  std::memcpy(architectures, ARCHITECTURES, sizeof ARCHITECTURES);
  return SUCCESS;
}

API nvrtcCreateProgram(Program** program, const char* text, const char* name, int count, const char* const* headers, const char* const* names) {
  if (!program || !text || count < 0) return INVALID_INPUT;
  *program = new Program;
  (*program)->source.text = text;
  (*program)->source.name = name && *name ? name : "default_program";
  for (int i = 0; i < count; i++) (*program)->source.headers.push_back({names[i], headers[i]});
  return SUCCESS;
}

API nvrtcDestroyProgram(Program** program) {
  if (!program || !*program) return INVALID_PROGRAM;
  delete *program;
  *program = nullptr;
  return SUCCESS;
}

API nvrtcAddNameExpression(Program* program, const char* expression) {
  if (!program) return INVALID_PROGRAM;
  program->source.expressions.push_back(expression);
  return SUCCESS;
}

API nvrtcGetLoweredName(Program* program, const char* expression, const char** name) {
  if (!program->compiled) return NO_LOWERED_NAMES_BEFORE_COMPILATION;
  for (const auto& each : program->source.expressions) {
    if (each != expression) continue;
    *name = each.c_str();
    return SUCCESS;
  }
  return NAME_EXPRESSION_NOT_VALID;
}

API nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  if (!program) return INVALID_PROGRAM;
  program->log.clear();
  program->compiled = program->source.cubin = false;
  if (!translateOptions(std::vector<std::string>(options, options + count), *program)) return INVALID_OPTION;
  if (sim::isRefused(sim::Scarce::BUILTINS)) {
    program->log = "nvrtc: error: failed to open libnvrtc-builtins.so.13.1.\n";
    return BUILTIN_OPERATION_FAILURE;
  }
  if (sim::sharedObject(program->source, program->log).empty()) return COMPILATION;
  program->image = sim::writeImage(program->source);
  program->compiled = true;
  return SUCCESS;
}

// The image holds zero bytes nowhere, so it can pass for PTX, which is text, as well as for a cubin.

API nvrtcGetPTXSize(Program* program, size_t* size) {
  if (!program || !program->compiled) return INVALID_PROGRAM;
  *size = program->image.size() + 1;
  return SUCCESS;
}

API nvrtcGetPTX(Program* program, char* buffer) {
  if (!program || !program->compiled) return INVALID_PROGRAM;
  std::memcpy(buffer, program->image.c_str(), program->image.size() + 1);
  return SUCCESS;
}

API nvrtcGetCUBINSize(Program* program, size_t* size) {
  if (!program || !program->compiled) return INVALID_PROGRAM;
  *size = program->source.cubin ? program->image.size() + 1 : 0;  // 0: a virtual architecture was asked for
  return SUCCESS;
}

API nvrtcGetCUBIN(Program* program, char* buffer) {
  if (!program || !program->compiled || !program->source.cubin) return INVALID_PROGRAM;
  std::memcpy(buffer, program->image.c_str(), program->image.size() + 1);
  return SUCCESS;
}

API nvrtcGetProgramLogSize(Program* program, size_t* size) {
  if (!program) return INVALID_PROGRAM;
  *size = program->log.size() + 1;
  return SUCCESS;
}

API nvrtcGetProgramLog(Program* program, char* buffer) {
  if (!program) return INVALID_PROGRAM;
  std::memcpy(buffer, program->log.c_str(), program->log.size() + 1);
  return SUCCESS;
}
