#include <gradus/core/error.hpp>
#include <gradus/ops/graphs/graph.hpp>

#ifdef GRADUS_HAS_GRAPHVIZ
#include <memory>
#include <mutex>

#include <graphviz/gvc.h>
#ifdef __SANITIZE_ADDRESS__
/// What Graphviz and the libraries that measure its text never free, some of it in threads of their own.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libgvc\nleak:libcgraph\nleak:libgvplugin\nleak:libfontconfig\nleak:libpango\nleak:libcairo\n";
}
extern "C" const char* __lsan_default_options() { return "print_suppressions=0"; }
#endif
#endif

namespace gradus {

#ifdef GRADUS_HAS_GRAPHVIZ
namespace {

int keep_silent(char*) { return 0; }

std::string laid_out(const std::string& dot) {
  static std::mutex one_at_a_time;  // Graphviz has globals
  const std::lock_guard lock(one_at_a_time);
  agseterrf(keep_silent);
  static GVC_t* const context = gvContext();  // what it loads stays loaded in any case
  const std::unique_ptr<Agraph_t, int (*)(Agraph_t*)> graph(agmemread(dot.c_str()), agclose);
  if (!graph) throw DataError("[svg] Graphviz cannot read the picture");
  if (gvLayout(context, graph.get(), "dot") != 0)
    throw DataError("[svg] Graphviz cannot lay the picture out");
  char* data = nullptr;
  unsigned size = 0;
  const int status = gvRenderData(context, graph.get(), "svg", &data, &size);
  std::string result(data ? data : "", data ? size : 0);
  gvFreeRenderData(data);
  gvFreeLayout(context, graph.get());
  if (status != 0) throw DataError("[svg] Graphviz cannot draw the picture");
  return result;
}

}  // namespace

std::string Graph::svg(const PictureOptions& options) const { return laid_out(dot(options)); }
#else
std::string Graph::svg(const PictureOptions&) const {
  throw DataError(
      "[svg] Gradus was built without libgraphviz (Debian: libgraphviz-dev): expected that, or "
      "the graph in DOT, which the program dot lays out");
}
#endif

}  // namespace gradus
