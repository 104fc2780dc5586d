#include "stream.h"

#include <ctime>

#include "graph.h"
#include "memory.h"
#include "report.h"
#include "settings.h"

namespace sim {

thread_local Context* current = nullptr;
thread_local CaptureMode captureMode = CAPTURE_GLOBAL;
static Context* runs = nullptr;  // whose work runs now
static uint64_t queued = 0;     // of operations

Context* contextOf(int device) {
  static Context contexts[4];
  Context& context = contexts[device];
  if (context.streams.empty()) {
    context.device = device;
    context.legacy.context = context.perThread.context = &context;
    context.perThread.id = 1;
    context.streams = {&context.legacy, &context.perThread};
  }
  return &context;
}

Context* running() { return runs ? runs : current; }

void Context::fail(Status status, const std::string& message) {
  misuse(status, message);
  if (failure) return;
  failure = status;
  detail = message;
}

void fail(Status status, const std::string& message) { running()->fail(status, message); }
bool failed() { return running()->failure != SUCCESS; }

uint64_t nowNanos() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000ull + time.tv_nsec;
}

void* currentContext() { return current; }

uint64_t busyNanos(int device) { return contextOf(device)->busyNanos; }

Stream* streamOf(void* handle) {
  uintptr_t number = reinterpret_cast<uintptr_t>(handle);
  if (number <= 1) return &current->legacy;
  if (number == 2) return &current->perThread;
  Stream* stream = Handles<Stream>::get(handle);
  if (!stream) {
    misuse(INVALID_HANDLE, "a handle that is no stream, or of a destroyed one");
  } else if (stream->context != current) {
    misuse(INVALID_CONTEXT, text("stream %d belongs to another device than the thread's context", stream->id));
    return nullptr;
  }
  return stream;
}

// ---- running

static void execute(Stream* stream, const Operation& operation) {
  Context* context = stream->context;
  if (context->failure) return;  // a dead context drops its work
  Context* outer = runs;
  runs = context;
  uint64_t start = nowNanos();
  {
    DeviceAccess access;
    log("stream %d runs %s", stream->id, operation.task.name.c_str());
    operation.task.run();
  }
  context->busyNanos += nowNanos() - start;
  runs = outer;
}

static void runFirst(Stream* stream) {
  Operation operation = std::move(stream->queue.front());
  stream->queue.pop_front();
  execute(stream, operation);
}

void runUntil(Stream* stream, uint64_t number) {
  while (!stream->queue.empty() && stream->queue.front().number <= number) runFirst(stream);
}

void runStream(Stream* stream) { runUntil(stream, UINT64_MAX); }

void runEverything(Context* context) {
  if (settings.asyncOf() == Async::RANDOM) {
    for (int tries = 0; tries < 64; tries++) {
      Stream* stream = context->streams[nextRandom() % context->streams.size()];
      if (!stream->queue.empty()) runFirst(stream);
    }
  }
  for (Stream* stream : std::vector<Stream*>(context->streams)) runStream(stream);
}

/** A random choice of work runs early: an order that lazy running would never show. */
static void runSome(Context* context) {
  for (uint64_t left = nextRandom() % 4; left > 0; left--) {
    Stream* stream = context->streams[nextRandom() % context->streams.size()];
    if (!stream->queue.empty()) runFirst(stream);
  }
}

// ---- queueing

/** The legacy stream waits for all blocking streams, and they for it. */
static std::vector<std::pair<Stream*, uint64_t>> implicitOrder(Stream* stream) {
  std::vector<std::pair<Stream*, uint64_t>> before;
  Context* context = stream->context;
  auto add = [&before](Stream* other) {
    if (!other->queue.empty()) before.push_back({other, other->queue.back().number});
  };
  if (stream == &context->legacy) {
    for (Stream* other : context->streams) {
      if (other != stream && other->blocking) add(other);
    }
  } else if (stream->blocking) {
    add(&context->legacy);
  }
  return before;
}

static Status capture(Stream* stream, Task task) {
  if (stream->capture->invalid) return CAPTURE_INVALIDATED;
  log("stream %d captures %s", stream->id, task.name.c_str());
  stream->frontier = {stream->capture->add(std::move(task), stream->frontier)};
  return SUCCESS;
}

Status enqueue(Stream* stream, Task task) {
  Context* context = stream->context;
  if (stream->capture) return capture(stream, std::move(task));
  if (stream == &context->legacy) {
    for (Stream* other : context->streams) {
      if (!other->capture || !other->blocking) continue;
      other->capture->invalid = true;
      return misuse(CAPTURE_IMPLICIT, "the legacy stream was used while a blocking stream captures");
    }
  }
  auto before = implicitOrder(stream);
  if (!before.empty()) {
    task.run = [before, run = std::move(task.run)] {
      for (const auto& each : before) runUntil(each.first, each.second);
      run();
    };
  }
  log("stream %d queues %s", stream->id, task.name.c_str());
  stream->queue.push_back({++queued, std::move(task)});
  if (settings.asyncOf() == Async::EAGER) runStream(stream);
  if (settings.asyncOf() == Async::RANDOM) runSome(context);
  return settings.asyncOf() == Async::LAZY ? SUCCESS : context->failure;
}

Status enqueue(void* handle, const std::string& name, std::function<void()> run) {
  std::lock_guard<std::recursive_mutex> guard(lock());
  if (!current) return INVALID_CONTEXT;
  if (current->failure) return current->failure;
  Stream* stream = streamOf(handle);
  return stream ? enqueue(stream, Task{NODE_KERNEL, name, std::move(run), nullptr}) : INVALID_HANDLE;
}

bool isCapturing(void* handle) {
  Stream* stream = current ? streamOf(handle) : nullptr;
  return stream && stream->capture;
}

// ---- what a capture forbids

Status forbiddenInCapture(const char* name) {
  if (captureMode == CAPTURE_RELAXED) return SUCCESS;
  for (int device = 0; device < 4; device++) {
    for (Stream* stream : contextOf(device)->streams) {
      if (!stream->capture || stream->mode == CAPTURE_RELAXED) continue;
      bool own = stream->thread == pthread_self();
      if (!own && (stream->mode != CAPTURE_GLOBAL || captureMode != CAPTURE_GLOBAL)) continue;
      stream->capture->invalid = true;
      return misuse(CAPTURE_UNSUPPORTED, text("%s is not permitted while a stream captures", name));
    }
  }
  return SUCCESS;
}

}  // namespace sim
