// Contexts, streams and events: who queues work, and in which order it runs once somebody waits.
#pragma once
#include <pthread.h>

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "abi.h"

namespace sim {

struct Context;
struct Graph;
struct Launch;
struct Node;

/** A piece of work: queued in a stream, or the payload of a graph node. */
struct Task {
  NodeType type;
  std::string name;
  std::function<void()> run;
  std::shared_ptr<const Launch> launch;  // of kernels
  int mapping = 0;                       // of copy nodes: which kinds of memory
};

struct Operation {
  uint64_t number;  // counts up over all streams
  Task task;
};

struct Stream {
  int id = 0;
  Context* context = nullptr;
  bool blocking = true;  // with respect to the legacy stream
  std::deque<Operation> queue;

  // While it takes part in a capture:
  Graph* capture = nullptr;
  std::vector<Node*> frontier;  // what the next captured node depends on
  bool origin = false;          // the capture began here
  CaptureMode mode = CAPTURE_GLOBAL;
  pthread_t thread = 0;          // the one that began the capture
};

struct Event {
  Context* context = nullptr;
  bool timed = true;
  bool recorded = false, done = true;
  Stream* stream = nullptr;
  uint64_t number = 0;
  uint64_t nanos = 0;
  Graph* capture = nullptr;  // recorded inside this capture
  std::vector<Node*> captured;
};

struct Context {
  int device = 0;
  int retained = 0;
  Status failure = SUCCESS;  // what killed it; every later call answers this
  std::string detail;
  Stream legacy, perThread;
  std::vector<Stream*> streams;
  uint64_t busyNanos = 0, launches = 0;

  void fail(Status status, const std::string& message);
};

/** Handles that the caller may use: a freed or made-up one is not among them. */
template <class T>
struct Handles {
  static std::set<const void*>& live() {
    static std::set<const void*> all;
    return all;
  }
  static T* get(void* handle) { return live().count(handle) ? static_cast<T*>(handle) : nullptr; }
};

Context* contextOf(int device);
/** The context of the work that runs now, or of this thread. */
Context* running();
/** Ends that context: a fault in a kernel, a copy or a library. */
SIM_EXPORT void fail(Status status, const std::string& message);
SIM_EXPORT bool failed();

extern thread_local Context* current;
extern thread_local CaptureMode captureMode;

/** Null for a handle that is no stream of the current context; 0, 1 and 2 are the predefined ones. */
Stream* streamOf(void* handle);

/** Queues work, or adds it to the capture that the stream takes part in. */
Status enqueue(Stream* stream, Task task);
/** The same for the other libraries, whose work counts as kernels. */
SIM_EXPORT Status enqueue(void* stream, const std::string& name, std::function<void()> run);
SIM_EXPORT bool isCapturing(void* stream);

void runUntil(Stream* stream, uint64_t number);
void runStream(Stream* stream);
void runEverything(Context* context);

/** CAPTURE_UNSUPPORTED, spoiling the capture, if this thread must not call `name` now. */
Status forbiddenInCapture(const char* name);

SIM_EXPORT uint64_t nowNanos();
/** The context of this thread. */
SIM_EXPORT void* currentContext();
SIM_EXPORT uint64_t busyNanos(int device);

}  // namespace sim
