// A look into CUDA C without parsing it.
#pragma once
#include <string>
#include <vector>

namespace sim {

struct KernelDeclaration {
  std::string name;
  std::string bounds;  // what stands between the parentheses of __launch_bounds__
};

/** The text with comments and literals blanked, every character in its place. */
std::string withoutComments(const std::string& text);

/** The kernels of a source without comments, templates left out. */
std::vector<KernelDeclaration> findKernels(const std::string& code);

/** The code with everything between #if and #endif blanked. */
std::string withoutConditionals(const std::string& code);

/** Whether only the preprocessor can tell which kernels there are. */
bool needsPreprocessor(const std::string& code);

/** `extern __shared__ T name[];` turned into a pointer to the launch's dynamic shared memory. */
std::string withDynamicShared(const std::string& text);

/** What g++ understands and NVRTC does not, as NVRTC would say it; empty if there is nothing. */
std::string foreignWords(const std::string& name, const std::string& code);

}  // namespace sim
