// What every function of the API asks first.
#pragma once
#include <mutex>

#include "report.h"
#include "settings.h"
#include "stream.h"

namespace sim {

extern bool initialised;
extern bool inHostFunction;  // the API must not be called from one

/** Held during an API call: the lock, and why the call cannot be served. */
class Call {
 public:
  enum Need { DRIVER, CONTEXT, CONTEXT_OUTSIDE_CAPTURE };

  Call(const char* name, Need need) : guard_(lock()), status(find(name, need)) {}

 private:
  static Status find(const char* name, Need need) {
    if (settings.lost) return static_cast<Status>(settings.lost);
    if (!initialised) return misuse(NOT_INITIALIZED, text("%s before cuInit", name));
    if (need == DRIVER) return SUCCESS;
    if (!current) return misuse(INVALID_CONTEXT, text("%s without a current context in this thread", name));
    if (!current->retained) return misuse(CONTEXT_IS_DESTROYED, text("%s in a released context", name));
    if (current->failure) return current->failure;
    if (inHostFunction) return misuse(NOT_PERMITTED, text("%s called by a host function of a stream", name));
    return need == CONTEXT_OUTSIDE_CAPTURE ? forbiddenInCapture(name) : SUCCESS;
  }

  std::lock_guard<std::recursive_mutex> guard_;

 public:
  const Status status;
};

}  // namespace sim

#define NEED_DRIVER                                 \
  sim::Call call(__func__, sim::Call::DRIVER);      \
  if (call.status) return call.status
#define NEED_CONTEXT                                \
  sim::Call call(__func__, sim::Call::CONTEXT);     \
  if (call.status) return call.status
/** Of functions that are "potentially unsafe" during a capture. */
#define NEED_CONTEXT_OUTSIDE_CAPTURE                                \
  sim::Call call(__func__, sim::Call::CONTEXT_OUTSIDE_CAPTURE);     \
  if (call.status) return call.status
#define NEED(condition, status, ...) \
  if (!(condition)) return sim::misuse(status, sim::text(__VA_ARGS__))
