// What the simulator says: status names, reports of misuse, faults of kernels.
#pragma once
#include <mutex>
#include <string>
#include <vector>

#include "abi.h"

namespace sim {

/** One lock for the whole simulator; whoever waits for work runs it and holds the lock meanwhile. */
SIM_EXPORT std::recursive_mutex& lock();

struct StatusText {
  int status;
  const char* name;
  const char* meaning;
};
const StatusText* statusText(int status);

/** Notes a wrong use of the API that a real driver answers with `status`, or would not notice; returns `status`. */
SIM_EXPORT Status misuse(Status status, const std::string& message);

/** Takes the notes out: one a line. */
std::string takeReports();
size_t reportCount();

SIM_EXPORT void log(const char* format, ...) __attribute__((format(printf, 1, 2)));

/** printf into a string. */
SIM_EXPORT std::string text(const char* format, ...) __attribute__((format(printf, 1, 2)));

/** What a function of a real library answers that nobody simulated. */
SIM_EXPORT int notSimulated(const char* name, int status);

}  // namespace sim
