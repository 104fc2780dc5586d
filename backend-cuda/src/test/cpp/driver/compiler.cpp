#include "compiler.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "settings.h"
#include "source.h"

namespace sim {

std::string ownFolder() {
  Dl_info info;
  dladdr(reinterpret_cast<void*>(&ownFolder), &info);
  std::string path = info.dli_fname;
  return path.substr(0, path.rfind('/'));
}

// ---- images

static const char MAGIC[] = "simulated cubin 1\n";

static void put(std::string& image, const std::string& item) { image += std::to_string(item.size()) + "\n" + item; }

static std::string take(const char*& at) {
  char* end;
  size_t size = std::strtoul(at, &end, 10);
  std::string item(end + 1, size);
  at = end + 1 + size;
  return item;
}

std::string writeImage(const Source& source) {
  std::string image = MAGIC;
  put(image, source.name);
  put(image, source.text);
  put(image, std::to_string(source.architecture));
  put(image, source.cubin ? "sm" : "compute");
  put(image, std::to_string(source.flags.size()));
  for (const auto& flag : source.flags) put(image, flag);
  put(image, std::to_string(source.headers.size()));
  for (const auto& header : source.headers) {
    put(image, header.first);
    put(image, header.second);
  }
  put(image, std::to_string(source.expressions.size()));
  for (const auto& expression : source.expressions) put(image, expression);
  return image;
}

bool readImage(const char* image, Source& source) {
  if (std::strncmp(image, MAGIC, sizeof MAGIC - 1)) return false;
  image += sizeof MAGIC - 1;
  source.name = take(image);
  source.text = take(image);
  source.architecture = std::stoi(take(image));
  source.cubin = take(image) == "sm";
  for (int left = std::stoi(take(image)); left > 0; left--) source.flags.push_back(take(image));
  for (int left = std::stoi(take(image)); left > 0; left--) {
    std::string name = take(image);
    source.headers.push_back({name, take(image)});
  }
  for (int left = std::stoi(take(image)); left > 0; left--) source.expressions.push_back(take(image));
  return true;
}

// ---- g++

static std::string quoted(const std::string& word) {
  std::string result = "'";
  for (char c : word) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + "'";
}

static int runCommand(const std::string& command, std::string& output) {
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (!pipe) return -1;
  char buffer[4096];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, n);
  int status = pclose(pipe);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void writeFile(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

static std::string readFile(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

static std::string hash(const std::string& text) {  // two FNV-1a of different offset
  uint64_t a = 0xCBF29CE484222325ull, b = 0x84222325CBF29CE4ull;
  for (unsigned char c : text) {
    a = (a ^ c) * 0x100000001B3ull;
    b = (b ^ c) * 0x100000001B3ull + (b >> 31);
  }
  char result[40];
  std::snprintf(result, sizeof result, "%016llx%016llx", static_cast<unsigned long long>(a), static_cast<unsigned long long>(b));
  return result;
}

/** A kernel is compiled once and runs on little data: what counts is the time that g++ takes. */
static std::string compilerFlags(const Source& source) {
  std::string flags = "-fPIC -fno-gnu-unique -w -fwrapv -fno-strict-aliasing -fno-math-errno -fno-trapping-math -fno-exceptions -fno-rtti -nostdinc";
  if (__builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2")) flags += " -mavx2 -mfma -mf16c";
  flags += settings.check ? " -O1 -g1 -gdwarf-4" : " -O0 -fno-asynchronous-unwind-tables";
  if (settings.check) flags += " -fsanitize=thread --param tsan-instrument-func-entry-exit=0 --param tsan-distinguish-volatile=1 -fsanitize=alignment,bounds";
  for (const auto& flag : source.flags) flags += " " + quoted(flag);
  return flags;
}

static std::string registration(const std::string& listing, const Source& source) {
  std::string lines = "\n#line 1 \"registration\"\n";
  for (const auto& kernel : findKernels(listing)) lines += "SIM_KERNEL(" + kernel.name + ", (" + kernel.bounds + "))\n";
  for (const auto& expression : source.expressions) {
    lines += "SIM_KERNEL_AS(\"@" + expression + "\", (), " + expression.substr(expression[0] == '&') + ")\n";
  }
  return lines;
}

/** A folder that nobody else writes to, beside the one that it becomes when it is complete. */
static std::string workFolder(const std::string& folder) {
  static std::atomic<int> counter;
  std::string work = folder + "." + std::to_string(getpid()) + "." + std::to_string(counter++);
  mkdir(work.c_str(), 0777);
  return work;
}

/** Moves a complete folder to its place, or removes it: it is of no use, or another process was faster. */
static void finish(const std::string& work, const std::string& folder, bool complete) {
  std::string ignored;
  if (!complete || rename(work.c_str(), folder.c_str())) runCommand("rm -rf " + quoted(work), ignored);
}

/** The device headers, precompiled for these flags: they take longer than most kernels. */
static std::string deviceHeader(const std::string& flags) {
  std::string folder = ownFolder() + "/header-" + hash(flags), header = folder + "/kernel.h", log;
  if (access(header.c_str(), R_OK) == 0) return header;
  std::string work = workFolder(folder);
  writeFile(work + "/kernel.h", "#include \"" + ownFolder() + "/device/kernel.h\"\n");
  bool done = runCommand("g++ -x c++-header " + flags + " -o " + quoted(work + "/kernel.h.gch") + " " + quoted(work + "/kernel.h"), log) == 0;
  finish(work, folder, done);
  return done ? header : ownFolder() + "/device/kernel.h";
}

/** Compiles in a folder of its own; returns whether it worked. */
static bool compile(const Source& source, const std::string& flags, const std::string& folder, std::string& log) {
  for (const auto& header : source.headers) writeFile(folder + "/" + header.first, header.second);
  writeFile(folder + "/kernel.cu", source.text);  // as it was, for a compiler of the real toolkit
  std::string code = withoutComments(source.text);
  log += foreignWords(source.name, withoutConditionals(code));
  if (!log.empty()) return false;
  std::string text = "#include \"" + deviceHeader(flags) + "\"\n#line 1 \"" + source.name + "\"\n" + withDynamicShared(source.text) + "\n";
  std::string command = "g++ -x c++ " + flags + " -I" + quoted(folder);
  if (needsPreprocessor(code)) {
    writeFile(folder + "/kernel.cpp", text);
    if (runCommand(command + " -E -P -DSIM_LIST_KERNELS -o " + quoted(folder + "/kernel.i") + " " + quoted(folder + "/kernel.cpp"), log)) return false;
    code = readFile(folder + "/kernel.i");
  }
  writeFile(folder + "/kernel.cpp", text + registration(code, source));
  command += " -shared -nostdlib -Wl,-Bsymbolic -o " + quoted(folder + "/kernel.so") + " " + quoted(folder + "/kernel.cpp");
  return runCommand(command + " -x none " + quoted(ownFolder() + "/libcuda.so.1"), log) == 0;
}

/** The cache outlives changes of the simulator that leave the device headers as they are. */
static std::string cacheFolder() {
  const char* given = std::getenv("JANGADA_SIM_KERNELS");
  std::string folder = given ? given : ownFolder() + "/../kernels";
  mkdir(folder.c_str(), 0777);
  return folder;
}

static std::string deviceHeaders() {
  std::string all;
  for (const char* name : {"kernel", "vectors", "math", "bits", "warp", "atomics", "register"}) all += readFile(ownFolder() + "/device/" + name + ".h");
  return all;
}

std::string sharedObject(const Source& source, std::string& log) {
  static const std::string cache = cacheFolder(), headers = hash(deviceHeaders());
  std::string flags = compilerFlags(source);
  std::string folder = cache + "/" + hash(writeImage(source) + flags + headers);
  std::string result = folder + "/kernel.so";
  if (access(result.c_str(), R_OK) == 0) return result;
  std::string work = workFolder(folder);
  bool done = compile(source, flags, work, log);
  finish(work, folder, done);
  return done ? result : "";
}

}  // namespace sim
