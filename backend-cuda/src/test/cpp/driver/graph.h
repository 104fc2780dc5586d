// Graphs: recorded by a capture or built node by node; an executable is a deep copy of one.
#pragma once
#include <memory>
#include <vector>

#include "abi.h"
#include "stream.h"

namespace sim {

struct Node {
  Graph* graph;
  Task task;
  std::vector<Node*> before;
  const Node* origin = nullptr;          // of a node in a copy: the node it was copied from
  bool enabled = true;
  ConditionalKind conditional = CONDITIONAL_IF;
  unsigned long long handle = 0;         // of a conditional node
  std::vector<std::unique_ptr<Graph>> bodies;  // of child graph and conditional nodes
  std::vector<void*> bodyHandles;        // the same, as the API hands them out

  explicit Node(Graph* graph, Task task);
  ~Node();
};

struct Graph {
  std::vector<std::unique_ptr<Node>> nodes;
  bool invalid = false;            // a capture into it went wrong
  std::vector<Stream*> members;    // the streams of that capture
  std::vector<unsigned long long> handles;  // the conditional handles made for it

  Graph();
  ~Graph();
  Node* add(Task task, const std::vector<Node*>& before);
  /** A deep copy; `origin` of its nodes is the node copied, or that one's origin. */
  std::unique_ptr<Graph> copy(bool keepOrigins) const;
  /** All nodes, each after those it depends on, otherwise in the order set for tests; empty if there is a cycle. */
  std::vector<Node*> ordered() const;
  /** Runs the nodes, those of child graphs and taken branches included. */
  void run() const;
  Node* find(const Node* origin) const;
};

struct GraphExec {
  std::shared_ptr<Graph> plan;  // shared with launches that have not run yet: copied before a change
  explicit GraphExec(std::unique_ptr<Graph> plan);
  ~GraphExec();
  Graph& changeable();
};

/** Handles of conditions; the value is what device code set last. */
unsigned long long addCondition(unsigned initial, bool assignAtLaunch);
bool isCondition(unsigned long long handle);
void setCondition(unsigned long long handle, unsigned value);
void assignInitialConditions(const Graph& graph);

/** The first node whose type or dependencies differ, by index; -1 if the shapes agree. */
int firstDifference(const Graph& one, const Graph& other);

}  // namespace sim
