// How a module tells the driver of its kernels: SIM_KERNEL(name, bounds) is appended to the source for each.
#pragma once

struct kernel_info {
  const char* name;
  void* function;
  void (*invoke)(void** arguments);
  int parameters;
  const unsigned* sizes;
  const unsigned* alignments;
  int max_threads;
  char* shared_begin;
  char* shared_end;
};
extern "C" void simRegisterKernel(const kernel_info*);
extern "C" char __start_sim_shared[] __attribute__((weak, visibility("hidden")));
extern "C" char __stop_sim_shared[] __attribute__((weak, visibility("hidden")));

template <int...>
struct SimIndices {};

template <class Function>
struct SimSignature;

template <class... Parameters>
struct SimSignature<void (*)(Parameters...)> {
  static constexpr int count = sizeof...(Parameters);
  static constexpr unsigned sizes[count + 1] = {(unsigned)sizeof(Parameters)..., 0};
  static constexpr unsigned alignments[count + 1] = {(unsigned)alignof(Parameters)..., 1};

  template <void (*Kernel)(Parameters...)>
  struct Call {
    template <int... I>
    SIM_UNCHECKED void unpack(void** arguments, SimIndices<I...>) {
      Kernel(*(Parameters*)arguments[I]...);
    }
    static __attribute__((no_sanitize("thread"))) void invoke(void** arguments) { unpack(arguments, SimIndices<__integer_pack(count)...>{}); }
  };
};

constexpr int simFirst(int first = 0, int = 0, int = 0) { return first; }

#define SIM_JOIN_(a, b) a##b
#define SIM_JOIN(a, b) SIM_JOIN_(a, b)
#define SIM_KERNEL_AS(name, bounds, ...)                                                                                           \
  static const kernel_info SIM_JOIN(simInfo, __LINE__) = {name,                                                                    \
                                                          (void*)(__VA_ARGS__),                                                    \
                                                          &SimSignature<decltype(&__VA_ARGS__)>::Call<(__VA_ARGS__)>::invoke,      \
                                                          SimSignature<decltype(&__VA_ARGS__)>::count,                             \
                                                          SimSignature<decltype(&__VA_ARGS__)>::sizes,                             \
                                                          SimSignature<decltype(&__VA_ARGS__)>::alignments,                        \
                                                          simFirst bounds,                                                         \
                                                          __start_sim_shared,                                                      \
                                                          __stop_sim_shared};                                                      \
  static __attribute__((constructor)) void SIM_JOIN(simRegister, __LINE__)() { simRegisterKernel(&SIM_JOIN(simInfo, __LINE__)); }
#define SIM_KERNEL(name, bounds) SIM_KERNEL_AS(#name, bounds, name)
