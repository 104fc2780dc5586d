#include "graph.h"

#include <algorithm>
#include <map>

#include "report.h"
#include "settings.h"

namespace sim {

Node::Node(Graph* graph, Task task) : graph(graph), task(std::move(task)) { Handles<Node>::live().insert(this); }
Node::~Node() { Handles<Node>::live().erase(this); }
Graph::Graph() { Handles<Graph>::live().insert(this); }
Graph::~Graph() { Handles<Graph>::live().erase(this); }
GraphExec::GraphExec(std::unique_ptr<Graph> plan) : plan(std::move(plan)) { Handles<GraphExec>::live().insert(this); }
GraphExec::~GraphExec() { Handles<GraphExec>::live().erase(this); }

Node* Graph::add(Task task, const std::vector<Node*>& before) {
  nodes.push_back(std::make_unique<Node>(this, std::move(task)));
  nodes.back()->before = before;
  return nodes.back().get();
}

std::unique_ptr<Graph> Graph::copy(bool keepOrigins) const {
  auto result = std::make_unique<Graph>();
  std::map<const Node*, Node*> copies;
  for (const auto& node : nodes) {
    Node* copy = result->add(node->task, {});
    copies[node.get()] = copy;
    copy->origin = keepOrigins ? node->origin : node.get();
    copy->enabled = node->enabled;
    copy->conditional = node->conditional;
    copy->handle = node->handle;
    for (const auto& body : node->bodies) copy->bodies.push_back(body->copy(keepOrigins));
    for (const auto& body : copy->bodies) copy->bodyHandles.push_back(body.get());
  }
  for (const auto& node : nodes) {
    for (Node* before : node->before) copies[node.get()]->before.push_back(copies[before]);
  }
  result->handles = handles;
  return result;
}

std::vector<Node*> Graph::ordered() const {
  std::map<const Node*, size_t> waits;
  std::map<const Node*, std::vector<Node*>> after;
  std::vector<Node*> ready, result;
  for (const auto& node : nodes) {
    waits[node.get()] = node->before.size();
    for (Node* before : node->before) after[before].push_back(node.get());
    if (node->before.empty()) ready.push_back(node.get());
  }
  while (!ready.empty()) {
    size_t pick = settings.orderOf() == Order::NATURAL ? 0 : settings.orderOf() == Order::REVERSE ? ready.size() - 1 : nextRandom() % ready.size();
    Node* node = ready[pick];
    ready.erase(ready.begin() + pick);
    result.push_back(node);
    for (Node* next : after[node]) {
      if (--waits[next] == 0) ready.push_back(next);
    }
  }
  return result.size() == nodes.size() ? result : std::vector<Node*>();
}

Node* Graph::find(const Node* origin) const {
  for (const auto& node : nodes) {
    if (node->origin == origin) return node.get();
    for (const auto& body : node->bodies) {
      if (Node* found = body->find(origin)) return found;
    }
  }
  return nullptr;
}

// ---- conditions

struct Condition {
  unsigned initial;
  bool assignAtLaunch;
  unsigned value;
};

static std::map<unsigned long long, Condition> conditions;

unsigned long long addCondition(unsigned initial, bool assignAtLaunch) {
  static unsigned long long last = 0xC0000000ull;
  conditions[++last] = {initial, assignAtLaunch, initial};
  return last;
}

bool isCondition(unsigned long long handle) { return conditions.count(handle) > 0; }

void setCondition(unsigned long long handle, unsigned value) {
  auto found = conditions.find(handle);
  if (found == conditions.end()) {
    fail(ILLEGAL_ADDRESS, text("cudaGraphSetConditional: 0x%llx is no conditional handle", handle));
  } else {
    found->second.value = value;
  }
}

void assignInitialConditions(const Graph& graph) {
  for (unsigned long long handle : graph.handles) {
    Condition& condition = conditions[handle];
    if (condition.assignAtLaunch) condition.value = condition.initial;
  }
  for (const auto& node : graph.nodes) {
    for (const auto& body : node->bodies) assignInitialConditions(*body);
  }
}

// ---- running

static const long TOO_MANY_TURNS = 20'000'000;

static void runConditional(const Node& node) {
  const unsigned& value = conditions[node.handle].value;
  switch (node.conditional) {
    case CONDITIONAL_IF:
      if (value) {
        node.bodies[0]->run();
      } else if (node.bodies.size() > 1) {
        node.bodies[1]->run();
      }
      break;
    case CONDITIONAL_WHILE:
      for (long turn = 0; value && !failed(); turn++) {
        if (turn == TOO_MANY_TURNS) return fail(LAUNCH_FAILED, "a while node of a graph does not end");
        node.bodies[0]->run();
      }
      break;
    case CONDITIONAL_SWITCH:
      if (value < node.bodies.size()) node.bodies[value]->run();
      break;
  }
}

void Graph::run() const {
  for (const Node* node : ordered()) {
    if (failed()) return;
    if (!node->enabled) continue;
    if (node->task.type == NODE_CHILD_GRAPH) {
      node->bodies[0]->run();
    } else if (node->task.type == NODE_CONDITIONAL) {
      runConditional(*node);
    } else if (node->task.run) {
      node->task.run();
    }
  }
}

// ---- updating

Graph& GraphExec::changeable() {
  if (plan.use_count() > 1) plan = plan->copy(true);
  return *plan;
}

static size_t indexOf(const Graph& graph, const Node* node) {
  auto found = std::find_if(graph.nodes.begin(), graph.nodes.end(), [node](const auto& each) { return each.get() == node; });
  return found - graph.nodes.begin();
}

static bool sameNode(const Graph& one, const Node& a, const Graph& other, const Node& b) {
  if (a.task.type != b.task.type || a.before.size() != b.before.size() || a.bodies.size() != b.bodies.size()) return false;
  for (size_t i = 0; i < a.before.size(); i++) {
    if (indexOf(one, a.before[i]) != indexOf(other, b.before[i])) return false;
  }
  for (size_t i = 0; i < a.bodies.size(); i++) {
    if (firstDifference(*a.bodies[i], *b.bodies[i]) >= 0) return false;
  }
  return true;
}

int firstDifference(const Graph& one, const Graph& other) {
  size_t count = std::min(one.nodes.size(), other.nodes.size());
  for (size_t i = 0; i < count; i++) {
    if (!sameNode(one, *one.nodes[i], other, *other.nodes[i])) return static_cast<int>(i);
  }
  return one.nodes.size() == other.nodes.size() ? -1 : static_cast<int>(count);
}

}  // namespace sim
