// Streams, events, host functions and stream capture.
#include <algorithm>

#include "call.h"
#include "graph.h"
#include "memory.h"

using namespace sim;

#define STREAM(stream, handle)        \
  Stream* stream = streamOf(handle);  \
  if (!stream) return INVALID_HANDLE

// ---- streams

SIM_API cuStreamCreate(void** handle, unsigned flags) {
  NEED_CONTEXT;
  static int counter = 1;
  Stream* stream = new Stream;
  stream->id = ++counter;
  stream->context = current;
  stream->blocking = !(flags & 1);
  current->streams.push_back(stream);
  Handles<Stream>::live().insert(stream);
  *handle = stream;
  return SUCCESS;
}

SIM_API cuStreamCreateWithPriority(void** handle, unsigned flags, int) { return cuStreamCreate(handle, flags); }

/** The stream's work still runs; here at once. */
SIM_API cuStreamDestroy_v2(void* handle) {
  NEED_CONTEXT;
  STREAM(stream, handle);
  NEED(stream != &current->legacy && stream != &current->perThread, INVALID_HANDLE, "a predefined stream cannot be destroyed");
  if (stream->capture) stream->capture->invalid = true;
  runStream(stream);
  Handles<Stream>::live().erase(stream);
  current->streams.erase(std::find(current->streams.begin(), current->streams.end(), stream));
  return SUCCESS;  // never deleted: events may still point to it
}

static Status forbiddenForCapturing(Stream* stream, const char* name) {
  if (!stream->capture) return SUCCESS;
  stream->capture->invalid = true;
  return misuse(CAPTURE_UNSUPPORTED, text("%s of a capturing stream", name));
}

SIM_API cuStreamSynchronize(void* handle) {
  NEED_CONTEXT;
  STREAM(stream, handle);
  if (Status status = forbiddenForCapturing(stream, "cuStreamSynchronize")) return status;
  if (Status status = forbiddenInCapture("cuStreamSynchronize")) return status;
  if (stream == &current->legacy) {
    for (Stream* other : std::vector<Stream*>(current->streams)) {
      if (other->blocking) runStream(other);
    }
  }
  runStream(stream);
  checkPadding(false);
  return current->failure;
}

/** Each question lets one piece of work run, so that asking in a loop comes to an end. */
SIM_API cuStreamQuery(void* handle) {
  NEED_CONTEXT;
  STREAM(stream, handle);
  if (Status status = forbiddenForCapturing(stream, "cuStreamQuery")) return status;
  if (Status status = forbiddenInCapture("cuStreamQuery")) return status;
  if (!stream->queue.empty()) runUntil(stream, stream->queue.front().number);
  return current->failure ? current->failure : stream->queue.empty() ? SUCCESS : NOT_READY;
}

SIM_API cuStreamGetFlags(void* handle, unsigned* flags) {
  NEED_CONTEXT;
  STREAM(stream, handle);
  *flags = !stream->blocking;
  return SUCCESS;
}

SIM_API cuStreamGetCtx(void* handle, void** context) {
  NEED_CONTEXT;
  STREAM(stream, handle);
  *context = stream->context;
  return SUCCESS;
}

SIM_API cuStreamGetId(void* handle, unsigned long long* id) {
  NEED_CONTEXT;
  STREAM(stream, handle);
  *id = stream->id;
  return SUCCESS;
}

SIM_API cuLaunchHostFunc(void* handle, void (*function)(void*), void* data) {
  NEED_CONTEXT;
  STREAM(stream, handle);
  auto run = [function, data] {
    inHostFunction = true;
    function(data);
    inHostFunction = false;
  };
  return enqueue(stream, {NODE_HOST, "host function", run, nullptr});
}

// ---- events

#define EVENT(event, handle)                                                                    \
  Event* event = Handles<Event>::get(handle);                                                   \
  NEED(event, INVALID_HANDLE, "a handle that is no event, or of a destroyed one");              \
  NEED(event->context == current, INVALID_CONTEXT, "an event of another device")

SIM_API cuEventCreate(void** handle, unsigned flags) {
  NEED_CONTEXT;
  Event* event = new Event;
  event->context = current;
  event->timed = !(flags & 2);
  Handles<Event>::live().insert(event);
  *handle = event;
  return SUCCESS;
}

SIM_API cuEventDestroy_v2(void* handle) {
  NEED_CONTEXT;
  EVENT(event, handle);
  Handles<Event>::live().erase(event);
  return SUCCESS;  // never deleted: queued work may still record it
}

static Status recordOutside(Event* event, Stream* stream) {
  static uint64_t records = 0;
  uint64_t number = ++records;
  event->capture = nullptr;
  event->recorded = true;
  event->done = false;
  event->stream = stream;
  event->number = number;
  auto run = [event, number] {
    if (event->number != number) return;  // recorded again since
    event->done = true;
    event->nanos = nowNanos();
  };
  return enqueue(stream, {NODE_RECORD_EVENT, "record event", run, nullptr});
}

SIM_API cuEventRecordWithFlags(void* eventHandle, void* streamHandle, unsigned flags) {
  NEED_CONTEXT;
  STREAM(stream, streamHandle);
  EVENT(event, eventHandle);
  if (!stream->capture || flags & 1) return recordOutside(event, stream);  // 1: a node that records, even in a capture
  event->capture = stream->capture;
  event->captured = stream->frontier;
  event->recorded = true;
  return SUCCESS;
}

SIM_API cuEventRecord(void* event, void* stream) { return cuEventRecordWithFlags(event, stream, 0); }

/** Runs the event's stream until it is recorded. */
static void runToEvent(const Event* event) {
  while (!event->done && !event->stream->queue.empty()) runUntil(event->stream, event->stream->queue.front().number);
}

SIM_API cuEventSynchronize(void* handle) {
  NEED_CONTEXT;
  EVENT(event, handle);
  NEED(!event->capture, CAPTURED_EVENT, "cuEventSynchronize of an event recorded in a capture");
  if (Status status = forbiddenInCapture("cuEventSynchronize")) return status;
  if (event->recorded) runToEvent(event);
  checkPadding(false);
  return current->failure;
}

SIM_API cuEventQuery(void* handle) {
  NEED_CONTEXT;
  EVENT(event, handle);
  NEED(!event->capture, CAPTURED_EVENT, "cuEventQuery of an event recorded in a capture");
  if (Status status = forbiddenInCapture("cuEventQuery")) return status;
  if (event->recorded && !event->done && !event->stream->queue.empty()) runUntil(event->stream, event->stream->queue.front().number);
  return current->failure ? current->failure : !event->recorded || event->done ? SUCCESS : NOT_READY;
}

static Status joinCapture(Stream* stream, const Event* event) {
  if (stream->capture && stream->capture != event->capture) return misuse(CAPTURE_MERGE, "an event of another capture");
  if (!stream->capture) {
    const Stream* origin = event->capture->members.front();
    stream->capture = event->capture;
    stream->mode = origin->mode;
    stream->thread = origin->thread;
    stream->frontier.clear();
    stream->capture->members.push_back(stream);
  }
  for (Node* node : event->captured) {
    if (std::find(stream->frontier.begin(), stream->frontier.end(), node) == stream->frontier.end()) stream->frontier.push_back(node);
  }
  return SUCCESS;
}

SIM_API cuStreamWaitEvent(void* streamHandle, void* eventHandle, unsigned) {
  NEED_CONTEXT;
  STREAM(stream, streamHandle);
  Event* event = Handles<Event>::get(eventHandle);  // of another device too
  NEED(event, INVALID_HANDLE, "a handle that is no event, or of a destroyed one");
  if (event->capture) return joinCapture(stream, event);
  if (stream->capture) {
    stream->capture->invalid = true;
    return misuse(CAPTURE_ISOLATION, "a capturing stream waits for an event recorded outside the capture");
  }
  if (!event->recorded || event->done) return SUCCESS;
  uint64_t number = event->number;
  auto run = [event, number] {
    if (event->number == number) runToEvent(event);
  };
  return enqueue(stream, {NODE_WAIT_EVENT, "wait for event", run, nullptr});
}

SIM_API cuEventElapsedTime_v2(float* millis, void* begin, void* end) {
  NEED_CONTEXT;
  EVENT(first, begin);
  EVENT(second, end);
  NEED(first->recorded && second->recorded, INVALID_HANDLE, "cuEventElapsedTime of an event never recorded");
  NEED(first->timed && second->timed, INVALID_HANDLE, "cuEventElapsedTime of an event made without timing");
  if (!first->done || !second->done) return NOT_READY;
  *millis = static_cast<float>(static_cast<double>(second->nanos - first->nanos) / 1e6);
  return SUCCESS;
}

SIM_API cuEventElapsedTime(float* millis, void* begin, void* end) { return cuEventElapsedTime_v2(millis, begin, end); }

// ---- capture

static Status beginCapture(Stream* stream, Graph* graph, int mode) {
  NEED(stream != &current->legacy, CAPTURE_UNSUPPORTED, "the legacy stream cannot capture");
  NEED(!stream->capture, ILLEGAL_STATE, "the stream captures already");
  stream->capture = graph;
  stream->origin = true;
  stream->mode = static_cast<CaptureMode>(mode);
  stream->thread = pthread_self();
  stream->frontier.clear();
  graph->members = {stream};
  return SUCCESS;
}

SIM_API cuStreamBeginCapture_v2(void* handle, int mode) {
  NEED_CONTEXT;
  STREAM(stream, handle);
  Graph* graph = new Graph;
  Status status = beginCapture(stream, graph, mode);
  if (status) delete graph;
  return status;
}

SIM_API cuStreamBeginCaptureToGraph(void* handle, void* graphHandle, void* const* after, const void*, size_t count, int mode) {
  NEED_CONTEXT;
  STREAM(stream, handle);
  Graph* graph = Handles<Graph>::get(graphHandle);
  NEED(graph, INVALID_HANDLE, "capture to a handle that is no graph");
  if (Status status = beginCapture(stream, graph, mode)) return status;
  for (size_t i = 0; i < count; i++) stream->frontier.push_back(static_cast<Node*>(after[i]));
  return SUCCESS;
}

/** Whether every node is one of these or comes before one. */
static bool allJoined(const Graph& graph, std::vector<Node*> ends) {
  std::set<Node*> reached;
  while (!ends.empty()) {
    Node* node = ends.back();
    ends.pop_back();
    if (reached.insert(node).second) ends.insert(ends.end(), node->before.begin(), node->before.end());
  }
  for (Stream* member : graph.members) {
    for (Node* node : member->frontier) {
      if (!reached.count(node)) return false;
    }
  }
  return true;
}

SIM_API cuStreamEndCapture(void* handle, void** result) {
  NEED_CONTEXT;
  STREAM(stream, handle);
  *result = nullptr;
  NEED(stream->capture, ILLEGAL_STATE, "cuStreamEndCapture of a stream that does not capture");
  NEED(stream->origin, CAPTURE_UNMATCHED, "the capture began in another stream");
  NEED(stream->mode == CAPTURE_RELAXED || stream->thread == pthread_self(), CAPTURE_WRONG_THREAD, "the capture began in another thread");
  Graph* graph = stream->capture;
  bool joined = allJoined(*graph, stream->frontier);
  for (Stream* member : graph->members) {
    member->capture = nullptr;
    member->origin = false;
    member->frontier.clear();
  }
  graph->members.clear();
  if (graph->invalid) return CAPTURE_INVALIDATED;
  NEED(joined, CAPTURE_UNJOINED, "the capture ends before a forked stream was joined");
  *result = graph;
  return SUCCESS;
}

SIM_API cuStreamIsCapturing(void* handle, int* answer) {
  NEED_CONTEXT;
  STREAM(stream, handle);
  *answer = !stream->capture ? 0 : stream->capture->invalid ? 2 : 1;
  return SUCCESS;
}

SIM_API cuStreamGetCaptureInfo_v3(void* handle, int* answer, unsigned long long* id, void** graph, void* const** after, void* const** edges, size_t* count) {
  NEED_CONTEXT;
  STREAM(stream, handle);
  *answer = !stream->capture ? 0 : stream->capture->invalid ? 2 : 1;
  if (!stream->capture) return SUCCESS;
  if (id) *id = reinterpret_cast<uintptr_t>(stream->capture);
  if (graph) *graph = stream->capture;
  if (after) *after = reinterpret_cast<void* const*>(stream->frontier.data());
  if (edges) *edges = nullptr;
  if (count) *count = stream->frontier.size();
  return SUCCESS;
}

/** Flags: 0 adds to what the next captured node depends on, 1 replaces it. */
SIM_API cuStreamUpdateCaptureDependencies_v2(void* handle, void** after, const void*, size_t count, unsigned flags) {
  NEED_CONTEXT;
  STREAM(stream, handle);
  NEED(stream->capture, ILLEGAL_STATE, "the stream does not capture");
  if (flags & 1) stream->frontier.clear();
  for (size_t i = 0; i < count; i++) {
    NEED(Handles<Node>::get(after[i]), INVALID_HANDLE, "dependency on something that is no node");
    stream->frontier.push_back(static_cast<Node*>(after[i]));
  }
  return SUCCESS;
}

SIM_API cuThreadExchangeStreamCaptureMode(int* mode) {
  NEED_DRIVER;
  std::swap(*reinterpret_cast<CaptureMode*>(mode), captureMode);
  return SUCCESS;
}
