// Graphs built node by node, executables, their changes and launches.
#include <algorithm>

#include "call.h"
#include "copy.h"
#include "graph.h"
#include "launch.h"
#include "memory.h"

using namespace sim;

#define GRAPH(graph, handle)                   \
  Graph* graph = Handles<Graph>::get(handle);  \
  NEED(graph, INVALID_HANDLE, "a handle that is no graph, or of a destroyed one")
#define EXEC(exec, handle)                            \
  GraphExec* exec = Handles<GraphExec>::get(handle);  \
  NEED(exec, INVALID_HANDLE, "a handle that is no executable graph, or of a destroyed one")

SIM_API cuGraphCreate(void** handle, unsigned flags) {
  NEED_CONTEXT;
  if (flags) return INVALID_VALUE;
  *handle = new Graph;
  return SUCCESS;
}

SIM_API cuGraphDestroy(void* handle) {
  NEED_CONTEXT;
  GRAPH(graph, handle);
  delete graph;
  return SUCCESS;
}

// ---- nodes

static Status addNode(void** result, void* handle, void* const* after, size_t count, Task task, Node*& node) {
  GRAPH(graph, handle);
  std::vector<Node*> before;
  for (size_t i = 0; i < count; i++) {
    Node* each = Handles<Node>::get(after[i]);
    NEED(each && each->graph == graph, INVALID_VALUE, "a dependency that is no node of this graph");
    before.push_back(each);
  }
  node = graph->add(std::move(task), before);
  *result = node;
  return SUCCESS;
}

static Status makeKernelTask(const KernelNodeParams& p, Task& task) {
  Status status = SUCCESS;
  auto launch = makeLaunch(p.function, {p.gridX, p.gridY, p.gridZ}, {p.blockX, p.blockY, p.blockZ}, p.sharedBytes, p.arguments, p.extra, status);
  if (launch) task = kernelTask(launch);
  return status;
}

static Status makeMemsetTask(const MemsetNodeParams& p, Task& task) {
  NEED(p.height <= 1 || p.pitch == p.width * p.elementSize, NOT_SUPPORTED, "a fill of rows is not simulated");
  Fill fill{reinterpret_cast<void*>(p.destination), p.value, p.elementSize, p.width * std::max<size_t>(p.height, 1), "memset node"};
  NEED(p.elementSize == 1 || p.elementSize == 2 || p.elementSize == 4, INVALID_VALUE, "memset node: elements of %u bytes", p.elementSize);
  std::string problem = fillProblem(fill);
  NEED(problem.empty(), INVALID_VALUE, "%s", problem.c_str());
  task = fillTask(fill);
  return SUCCESS;
}

static void* address(const CopySide& side) {
  const char* base = side.kind == MEMORY_HOST ? static_cast<const char*>(side.host) : reinterpret_cast<const char*>(side.device);
  return const_cast<char*>(base + side.x);
}

static Status makeMemcpyTask(const Copy3d& p, Task& task) {
  NEED(p.height <= 1 && p.depth <= 1, NOT_SUPPORTED, "a copy of rows is not simulated");
  NEED(p.widthInBytes && p.height && p.depth, INVALID_VALUE, "memcpy node: a copy of nothing, its width, height and depth are at least 1");
  void *to = address(p.destination), *from = address(p.source);
  auto onDevice = [](const CopySide& side, void* at) { return side.kind == MEMORY_DEVICE || (side.kind == MEMORY_UNIFIED && isDeviceAddress(at)); };
  Copy copy{to, from, p.widthInBytes, onDevice(p.destination, to), onDevice(p.source, from), "memcpy node"};
  std::string problem = copyProblem(copy);
  NEED(problem.empty(), INVALID_VALUE, "%s", problem.c_str());
  bool pinned = isPinned(copy.toDevice ? from : to);
  task = copyTask(copy);
  task.mapping = copy.toDevice | copy.fromDevice << 1 | pinned << 2;
  return SUCCESS;
}

static Task hostTask(const HostNodeParams& p) {
  return {NODE_HOST, "host node", [p] {
    inHostFunction = true;
    p.function(p.data);
    inHostFunction = false;
  }, nullptr};
}

static Status addChild(void** result, void* graph, void* const* after, size_t count, void* childHandle) {
  GRAPH(child, childHandle);
  if (isRefused(Scarce::CHILD_GRAPH)) return NOT_SUPPORTED;
  Node* node = nullptr;
  Status status = addNode(result, graph, after, count, {NODE_CHILD_GRAPH, "child graph", nullptr, nullptr}, node);
  if (!status) node->bodies.push_back(child->copy(false));
  return status;
}

static Status addConditional(void** result, void* graph, void* const* after, size_t count, ConditionalNodeParams& p) {
  NEED(isCondition(p.handle), INVALID_VALUE, "a conditional node with a made-up handle");
  bool fits = p.kind == CONDITIONAL_IF ? p.size == 1 || p.size == 2 : p.kind == CONDITIONAL_WHILE ? p.size == 1 : p.kind == CONDITIONAL_SWITCH && p.size > 0;
  NEED(fits, INVALID_VALUE, "a conditional node of kind %d with %u bodies", p.kind, p.size);
  Node* node = nullptr;
  Status status = addNode(result, graph, after, count, {NODE_CONDITIONAL, "conditional", nullptr, nullptr}, node);
  if (status) return status;
  node->conditional = static_cast<ConditionalKind>(p.kind);
  node->handle = p.handle;
  for (unsigned i = 0; i < p.size; i++) {
    node->bodies.push_back(std::make_unique<Graph>());
    node->bodyHandles.push_back(node->bodies.back().get());
  }
  p.bodies = node->bodyHandles.data();
  return SUCCESS;
}

#define ADD(task_expression)                                              \
  Task task;                                                              \
  if (Status status = task_expression) return status;                     \
  Node* node;                                                             \
  return addNode(result, graph, after, count, std::move(task), node)

SIM_API cuGraphAddKernelNode_v2(void** result, void* graph, void* const* after, size_t count, const KernelNodeParams* p) {
  NEED_CONTEXT;
  ADD(makeKernelTask(*p, task));
}

SIM_API cuGraphAddMemsetNode(void** result, void* graph, void* const* after, size_t count, const MemsetNodeParams* p, void*) {
  NEED_CONTEXT;
  ADD(makeMemsetTask(*p, task));
}

SIM_API cuGraphAddMemcpyNode(void** result, void* graph, void* const* after, size_t count, const Copy3d* p, void*) {
  NEED_CONTEXT;
  ADD(makeMemcpyTask(*p, task));
}

SIM_API cuGraphAddHostNode(void** result, void* graph, void* const* after, size_t count, const HostNodeParams* p) {
  NEED_CONTEXT;
  Node* node;
  return addNode(result, graph, after, count, hostTask(*p), node);
}

SIM_API cuGraphAddEmptyNode(void** result, void* graph, void* const* after, size_t count) {
  NEED_CONTEXT;
  Node* node;
  return addNode(result, graph, after, count, {NODE_EMPTY, "empty", nullptr, nullptr}, node);
}

SIM_API cuGraphAddChildGraphNode(void** result, void* graph, void* const* after, size_t count, void* child) {
  NEED_CONTEXT;
  return addChild(result, graph, after, count, child);
}

SIM_API cuGraphAddNode_v2(void** result, void* graph, void* const* after, const void*, size_t count, NodeParams* p) {
  NEED_CONTEXT;
  switch (p->type) {
    case NODE_KERNEL: { ADD(makeKernelTask(p->kernel, task)); }
    case NODE_MEMCPY: { ADD(makeMemcpyTask(p->memcpy.copy, task)); }
    case NODE_MEMSET: { ADD(makeMemsetTask(p->memset, task)); }
    case NODE_HOST: return cuGraphAddHostNode(result, graph, after, count, &p->host);
    case NODE_CHILD_GRAPH: return addChild(result, graph, after, count, p->childGraph);
    case NODE_EMPTY: return cuGraphAddEmptyNode(result, graph, after, count);
    case NODE_CONDITIONAL: return addConditional(result, graph, after, count, p->conditional);
    default: return misuse(NOT_SUPPORTED, text("graph nodes of type %d are not simulated", p->type));
  }
}

SIM_API cuGraphConditionalHandleCreate(unsigned long long* handle, void* graphHandle, void*, unsigned initial, unsigned flags) {
  NEED_CONTEXT;
  GRAPH(graph, graphHandle);
  *handle = addCondition(initial, flags & 1);
  graph->handles.push_back(*handle);
  return SUCCESS;
}

SIM_API cuGraphChildGraphNodeGetGraph(void* handle, void** graph) {
  NEED_CONTEXT;
  Node* node = Handles<Node>::get(handle);
  NEED(node && node->task.type == NODE_CHILD_GRAPH, INVALID_HANDLE, "no child graph node");
  *graph = node->bodies[0].get();
  return SUCCESS;
}

SIM_API cuGraphAddDependencies_v2(void* handle, void* const* from, void* const* to, const void*, size_t count) {
  NEED_CONTEXT;
  GRAPH(graph, handle);
  for (size_t i = 0; i < count; i++) {
    Node *first = Handles<Node>::get(from[i]), *second = Handles<Node>::get(to[i]);
    NEED(first && second && first->graph == graph && second->graph == graph, INVALID_VALUE, "a dependency between nodes of other graphs");
    second->before.push_back(first);
  }
  return SUCCESS;
}

SIM_API cuGraphGetNodes(void* handle, void** nodes, size_t* count) {
  NEED_CONTEXT;
  GRAPH(graph, handle);
  size_t size = graph->nodes.size();
  for (size_t i = 0; nodes && i < *count; i++) nodes[i] = i < size ? graph->nodes[i].get() : nullptr;
  *count = nodes ? std::min(*count, size) : size;
  return SUCCESS;
}

SIM_API cuGraphNodeGetType(void* handle, int* type) {
  NEED_CONTEXT;
  Node* node = Handles<Node>::get(handle);
  NEED(node, INVALID_HANDLE, "a handle that is no graph node");
  *type = node->task.type;
  return SUCCESS;
}

// ---- executables

/** What a body of a conditional node may not hold. */
static bool allowedInBody(const Graph& body) {
  return std::all_of(body.nodes.begin(), body.nodes.end(), [](const auto& node) {
    int type = node->task.type;
    bool allowed = type == NODE_KERNEL || type == NODE_MEMCPY || type == NODE_MEMSET || type == NODE_EMPTY || type == NODE_CHILD_GRAPH || type == NODE_CONDITIONAL;
    return allowed && std::all_of(node->bodies.begin(), node->bodies.end(), [](const auto& inner) { return allowedInBody(*inner); });
  });
}

static std::string instantiationProblem(const Graph& graph) {
  if (graph.ordered().size() != graph.nodes.size()) return "its dependencies form a cycle";
  for (const auto& node : graph.nodes) {
    for (const auto& body : node->bodies) {
      if (node->task.type == NODE_CONDITIONAL && !allowedInBody(*body)) return "a conditional body holds a node of a forbidden type";
      std::string problem = instantiationProblem(*body);
      if (!problem.empty()) return problem;
    }
  }
  return "";
}

SIM_API cuGraphInstantiateWithFlags(void** result, void* handle, unsigned long long) {
  NEED_CONTEXT;
  GRAPH(graph, handle);
  if (isRefused(Scarce::INSTANTIATION)) return OUT_OF_MEMORY;
  NEED(graph->members.empty(), ILLEGAL_STATE, "cuGraphInstantiate of a graph that is being captured");
  std::string problem = instantiationProblem(*graph);
  NEED(problem.empty(), INVALID_VALUE, "cuGraphInstantiate: %s", problem.c_str());
  *result = new GraphExec(graph->copy(false));
  return SUCCESS;
}

SIM_API cuGraphExecDestroy(void* handle) {
  NEED_CONTEXT;
  EXEC(exec, handle);
  delete exec;  // launches that wait share its plan
  return SUCCESS;
}

SIM_API cuGraphUpload(void* handle, void*) {
  NEED_CONTEXT;
  EXEC(exec, handle);
  return exec->plan ? SUCCESS : INVALID_HANDLE;
}

SIM_API cuGraphLaunch(void* handle, void* streamHandle) {
  NEED_CONTEXT;
  EXEC(exec, handle);
  Stream* stream = streamOf(streamHandle);
  if (!stream) return INVALID_HANDLE;
  if (isRefused(Scarce::GRAPH)) return OUT_OF_MEMORY;
  std::shared_ptr<const Graph> plan = exec->plan;
  auto run = [plan] {
    assignInitialConditions(*plan);
    plan->run();
  };
  if (stream->capture) {  // becomes a child graph
    Task task{NODE_CHILD_GRAPH, "child graph", nullptr, nullptr};
    Node* node = stream->capture->add(task, stream->frontier);
    node->bodies.push_back(plan->copy(false));
    stream->frontier = {node};
    return SUCCESS;
  }
  return enqueue(stream, {NODE_CHILD_GRAPH, text("graph of %zu nodes", plan->nodes.size()), run, nullptr});
}

// ---- changes of an executable

static Status replaceTask(void* execHandle, void* nodeHandle, const Task& task) {
  EXEC(exec, execHandle);
  Node* changed = exec->changeable().find(static_cast<Node*>(nodeHandle));
  NEED(changed, INVALID_VALUE, "the executable was not made from a graph with this node");
  NEED(changed->task.type == task.type, INVALID_VALUE, "the node is of another type");
  NEED(changed->task.mapping == task.mapping, INVALID_VALUE, "the copy's memory is of another kind than that of the node");
  changed->task = task;
  return SUCCESS;
}

SIM_API cuGraphExecKernelNodeSetParams_v2(void* exec, void* node, const KernelNodeParams* p) {
  NEED_CONTEXT;
  Task task;
  Status status = makeKernelTask(*p, task);
  return status ? status : replaceTask(exec, node, task);
}

SIM_API cuGraphExecMemsetNodeSetParams(void* exec, void* node, const MemsetNodeParams* p, void*) {
  NEED_CONTEXT;
  Task task;
  Status status = makeMemsetTask(*p, task);
  return status ? status : replaceTask(exec, node, task);
}

SIM_API cuGraphExecMemcpyNodeSetParams(void* exec, void* node, const Copy3d* p, void*) {
  NEED_CONTEXT;
  Task task;
  Status status = makeMemcpyTask(*p, task);
  return status ? status : replaceTask(exec, node, task);
}

SIM_API cuGraphKernelNodeSetParams_v2(void* handle, const KernelNodeParams* p) {
  NEED_CONTEXT;
  Node* node = Handles<Node>::get(handle);
  NEED(node && node->task.type == NODE_KERNEL, INVALID_HANDLE, "no kernel node");
  return makeKernelTask(*p, node->task);
}

SIM_API cuGraphKernelNodeGetParams_v2(void* handle, KernelNodeParams* p) {
  NEED_CONTEXT;
  Node* node = Handles<Node>::get(handle);
  NEED(node && node->task.launch, INVALID_HANDLE, "no kernel node");
  const Launch& launch = *node->task.launch;
  static thread_local std::vector<void*> arguments;  // valid until the next call
  arguments.clear();
  for (size_t i = 0; i + 1 < launch.offsets.size(); i++) arguments.push_back(const_cast<char*>(launch.buffer.data()) + launch.offsets[i]);
  *p = {const_cast<Function*>(launch.function), launch.grid.x, launch.grid.y, launch.grid.z, launch.block.x, launch.block.y, launch.block.z,
        launch.dynamicShared, arguments.data(), nullptr, nullptr, current};
  return SUCCESS;
}

SIM_API cuGraphNodeSetEnabled(void* execHandle, void* node, unsigned enabled) {
  NEED_CONTEXT;
  EXEC(exec, execHandle);
  Node* changed = exec->changeable().find(static_cast<Node*>(node));
  NEED(changed, INVALID_VALUE, "the executable was not made from a graph with this node");
  changed->enabled = enabled != 0;
  return SUCCESS;
}

/** Takes the origins of `from` over to `to`, which has the same shape: handles of the first graph stay good. */
static void keepOrigins(const Graph& from, Graph& to) {
  for (size_t i = 0; i < to.nodes.size(); i++) {
    to.nodes[i]->origin = from.nodes[i]->origin;
    for (size_t j = 0; j < to.nodes[i]->bodies.size(); j++) keepOrigins(*from.nodes[i]->bodies[j], *to.nodes[i]->bodies[j]);
  }
}

SIM_API cuGraphExecUpdate_v2(void* execHandle, void* graphHandle, UpdateResult* result) {
  NEED_CONTEXT;
  EXEC(exec, execHandle);
  GRAPH(graph, graphHandle);
  int different = firstDifference(*exec->plan, *graph);
  if (result) *result = {different < 0 ? 0 : 2, nullptr, nullptr};  // 2: the topology changed
  if (different >= 0) {
    if (result && static_cast<size_t>(different) < graph->nodes.size()) result->errorNode = graph->nodes[different].get();
    return GRAPH_EXEC_UPDATE_FAILURE;
  }
  std::unique_ptr<Graph> plan = graph->copy(false);
  keepOrigins(*exec->plan, *plan);
  exec->plan = std::move(plan);
  return SUCCESS;
}

/** Called by device code. */
extern "C" SIM_EXPORT void cudaGraphSetConditional(unsigned long long handle, unsigned value) { setCondition(handle, value); }
