#include "source.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace sim {

static bool isWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/** Where the whole word stands, from `at` on; npos if nowhere. */
static size_t findWord(const std::string& code, const std::string& word, size_t at) {
  for (; (at = code.find(word, at)) != std::string::npos; at++) {
    bool begins = at == 0 || !isWord(code[at - 1]);
    bool ends = at + word.size() >= code.size() || !isWord(code[at + word.size()]);
    if (begins && ends) return at;
  }
  return at;
}

static size_t skipSpace(const std::string& code, size_t at) {
  while (at < code.size() && std::isspace(static_cast<unsigned char>(code[at]))) at++;
  return at;
}

static std::string wordAt(const std::string& code, size_t at) {
  size_t end = at;
  while (end < code.size() && isWord(code[end])) end++;
  return code.substr(at, end - at);
}

/** The end of the parentheses that open at `at`, past the closing one. */
static size_t skipParentheses(const std::string& code, size_t at) {
  int depth = 0;
  for (; at < code.size(); at++) {
    if (code[at] == '(') depth++;
    if (code[at] == ')' && --depth == 0) return at + 1;
  }
  return at;
}

std::string withoutComments(const std::string& text) {
  std::string code = text;
  auto blank = [&code](size_t begin, size_t end) {
    for (size_t i = begin; i < std::min(end, code.size()); i++) {
      if (code[i] != '\n') code[i] = ' ';
    }
  };
  for (size_t i = 0; i < text.size(); i++) {
    size_t end = i;
    if (text.compare(i, 2, "//") == 0) {
      end = std::min(text.find('\n', i), text.size());
    } else if (text.compare(i, 2, "/*") == 0) {
      end = std::min(text.find("*/", i + 2), text.size() - 2) + 2;
    } else if (text.compare(i, 3, "\"C\"") == 0) {
      i += 2;  // of extern "C"
      continue;
    } else if (text[i] == '"') {
      for (end = i + 1; end < text.size() && text[end] != '"' && text[end] != '\n'; end++) end += text[end] == '\\';
      end++;
    }
    if (end == i) continue;
    blank(i, end);
    i = end - 1;
  }
  return code;
}

static bool isTemplate(const std::string& code, size_t at) {
  size_t begin = code.find_last_of(";}", at);
  begin = begin == std::string::npos ? 0 : begin;
  size_t found = findWord(code, "template", begin);
  return found < at;
}

std::vector<KernelDeclaration> findKernels(const std::string& code) {
  std::vector<KernelDeclaration> kernels;
  std::set<std::string> seen;
  for (size_t at = 0; (at = findWord(code, "__global__", at)) != std::string::npos; at++) {
    KernelDeclaration kernel;
    size_t end = skipSpace(code, at + 10);
    for (std::string word = wordAt(code, end); !word.empty(); word = wordAt(code, end)) {  // attributes, void, the name
      kernel.name = word;
      size_t next = skipSpace(code, end + word.size());
      bool attribute = word == "__launch_bounds__" || word == "__attribute__";
      if (!attribute && next < code.size() && code[next] == '(') break;
      end = next;
      if (!attribute) continue;
      end = skipParentheses(code, next);
      if (word == "__launch_bounds__") kernel.bounds = code.substr(next + 1, end - next - 2);
      end = skipSpace(code, end);
      kernel.name.clear();
    }
    if (!kernel.name.empty() && !isTemplate(code, at) && seen.insert(kernel.name).second) kernels.push_back(kernel);
  }
  return kernels;
}

/** The end of a directive that begins at `at`, lines continued by a backslash included. */
static size_t directiveEnd(const std::string& code, size_t at) {
  do at = std::min(code.find('\n', at + 1), code.size());
  while (at < code.size() && code[at - 1] == '\\');
  return at;
}

std::string withoutConditionals(const std::string& code) {
  std::string result = code;
  int depth = 0;
  size_t begin = 0;
  for (size_t at = code.find('#'); at != std::string::npos; at = code.find('#', at + 1)) {
    std::string directive = wordAt(code, skipSpace(code, at + 1));
    if (directive.compare(0, 2, "if") == 0 && depth++ == 0) begin = at;
    if (directive != "endif" || --depth > 0) continue;
    size_t end = directiveEnd(code, at);
    std::replace_if(result.begin() + begin, result.begin() + end, [](char c) { return c != '\n'; }, ' ');
  }
  return result;
}

bool needsPreprocessor(const std::string& code) {
  size_t all = 0, sure = 0;
  std::string outside = withoutConditionals(code);
  for (size_t at = 0; (at = findWord(code, "__global__", at)) != std::string::npos; at++) all++;
  for (size_t at = 0; (at = findWord(outside, "__global__", at)) != std::string::npos; at++) sure++;
  if (all != sure) return true;
  for (size_t at = code.find('#'); at != std::string::npos; at = code.find('#', at + 1)) {
    std::string directive = wordAt(code, skipSpace(code, at + 1));
    if (directive == "include") return true;
    if (directive == "define" && findWord(code, "__global__", at) < directiveEnd(code, at)) return true;
  }
  return false;
}

std::string withDynamicShared(const std::string& text) {
  std::string code = withoutComments(text), result;
  size_t copied = 0;
  for (size_t at = 0; (at = findWord(code, "extern", at)) != std::string::npos; at++) {
    size_t end = code.find_first_of(";{\"", at);
    if (end == std::string::npos || code[end] != ';' || findWord(code, "__shared__", at) > end || code[end - 1] != ']') continue;
    size_t bracket = code.rfind('[', end);
    std::string declaration = code.substr(at + 6, bracket - at - 6);
    for (const char* qualifier : {"__shared__", "__align__", "alignas"}) {
      size_t found = findWord(declaration, qualifier, 0);
      if (found == std::string::npos) continue;
      size_t stop = found + std::string(qualifier).size();
      if (qualifier != std::string("__shared__")) stop = skipParentheses(declaration, stop);
      declaration.erase(found, stop - found);
    }
    declaration.erase(declaration.find_last_not_of(" \t\n") + 1);
    size_t name = declaration.size();
    while (name > 0 && isWord(declaration[name - 1])) name--;
    std::string type = declaration.substr(0, name);
    result += text.substr(copied, at - copied) + type + "* " + declaration.substr(name) + " = (" + type + "*)simKernelContext.dynamic_shared";
    copied = end;
  }
  return result + text.substr(copied);
}

std::string foreignWords(const std::string& name, const std::string& code) {
  static const std::set<std::string> foreign = {"_Float16", "__fp16", "__bf16", "__float128", "asm", "__asm__"};
  static const std::set<std::string> known = {"__builtin_assume", "__builtin_assume_aligned", "__builtin_expect", "__builtin_unreachable"};
  int line = 1;
  for (size_t at = 0; at < code.size(); at++) {
    if (code[at] == '\n') line++;
    if (!isWord(code[at]) || (at > 0 && isWord(code[at - 1]))) continue;
    std::string word = wordAt(code, at);
    if (!foreign.count(word) && (word.compare(0, 10, "__builtin_") != 0 || known.count(word))) continue;
    bool ptx = word == "asm" || word == "__asm__";
    return name + "(" + std::to_string(line) + "): error: " + (ptx ? "inline PTX cannot run on the simulated device" : "identifier \"" + word + "\" is undefined") + "\n";
  }
  return "";
}

}  // namespace sim
